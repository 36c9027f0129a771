//! Every statement, by the name of its file, and what puts statements together.

macro_rules! statements {
    ($($name:ident = $file:literal;)*) => {
        $(pub(crate) const $name: &str = include_str!(concat!("sql/", $file, ".sql"));)*
    };
}

statements! {
    CREATE_MIGRATIONS = "create_migrations";
    FIND_MIGRATIONS = "find_migrations";
    READ_SCHEMA_VERSION = "read_schema_version";
    INSERT_MIGRATION = "insert_migration";
    INSERT_LOG = "insert_log";
    INSERT_EVENTS = "insert_events";
    INSERT_COMMANDS = "insert_commands";
    READ_STREAMS = "read_streams";
    FIND_COMMAND = "find_command";
    READ_STREAM_VERSION = "read_stream_version";
    LOAD_STREAM = "load_stream";
    READ_STREAM = "read_stream";
    READ_LOG = "read_log";
    READ_HEAD = "read_head";
    READ_EVENT_AT = "read_event_at";
    INSERT_CHECKPOINT = "insert_checkpoint";
    READ_CHECKPOINT = "read_checkpoint";
    MOVE_CHECKPOINT = "move_checkpoint";
    CLAIM_LEASE = "claim_lease";
    READ_LEASE = "read_lease";
    RELEASE_LEASE = "release_lease";
    FIND_NAMES = "find_names";
}

/// The statement without its semicolon, the row after `VALUES` written `rows` times.
///
/// Parameters are numbered over a whole text, so the first row's begin after `bound` others and
/// each further row's after those of the row before it.
pub(crate) fn with_rows(statement: &str, columns: usize, rows: usize, bound: usize) -> String {
    let statement = statement.trim_end().trim_end_matches(';');
    let (head, row) = match statement.rsplit_once("VALUES ") {
        Some((head, row)) => (head, row),
        None => (statement, ""),
    };
    let rows = (0..rows).map(|index| shifted(row, bound + index * columns));
    let rows: Vec<String> = rows.collect();
    format!("{head}VALUES {}", rows.join(", "))
}

/// Adds to the number of every parameter.
fn shifted(text: &str, by: usize) -> String {
    let mut parts = text.split('?');
    let mut shifted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = part[..digits].parse::<usize>().unwrap_or(0);
        shifted.push_str(&format!("?{}{}", number + by, &part[digits..]));
    }
    shifted
}

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
    READ_STREAMS = "read_streams";
    FIND_COMMAND = "find_command";
    READ_STREAM_VERSION = "read_stream_version";
    LOAD_STREAM = "load_stream";
    READ_STREAM = "read_stream";
    LOAD_SNAPSHOT = "load_snapshot";
    SAVE_SNAPSHOT = "save_snapshot";
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

/// The statement without its semicolon, its one row of parameters written `rows` times.
///
/// The parameters have no numbers: the driver would look each number up in a list of all of them.
pub(crate) fn with_rows(statement: &str, rows: usize) -> String {
    let statement = statement.trim_end().trim_end_matches(';');
    let Some((head, row)) = statement.rsplit_once("VALUES ") else {
        return statement.to_owned();
    };
    // The row of a statement that selects from its rows ends before the parenthesis around them.
    let (row, tail) = match head.ends_with('(') {
        true => row.split_at(row.len() - 1),
        false => (row, ""),
    };
    format!("{head}VALUES {}{tail}", vec![row; rows].join(", "))
}

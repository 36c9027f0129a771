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
    INSERT_EVENT = "insert_event";
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
    BEGIN_PARTITIONS = "begin_partitions";
    CLAIM_LEASE = "claim_lease";
    READ_LEASE = "read_lease";
    RELEASE_LEASE = "release_lease";
    READ_LEASES = "read_leases";
    STAND_BY = "stand_by";
    LEAVE = "leave";
    REMOVE_STANDBYS = "remove_standbys";
    FIND_NAMES = "find_names";
    WIDEN_EVENTS = "widen_events";
    READ_ADDED = "read_added";
    SETTLE_ADDED = "settle_added";
    READ_LACKING = "read_lacking";
    SERVE_FIRST = "serve_first";
    READ_SERVING = "read_serving";
    READ_ANSWERING = "read_answering";
    ANSWER_ITSELF = "answer_itself";
    SERVE = "serve";
    REPLACE_CHECKPOINT = "replace_checkpoint";
    READ_ANSWERS = "read_answers";
    READ_LEAD = "read_lead";
    READ_BUILT_LEAD = "read_built_lead";
    BEGIN_BUILD = "begin_build";
    READ_BUILDING = "read_building";
    REMOVE_CHECKPOINT = "remove_checkpoint";
    FIND_UNUSED = "find_unused";
    TAKE_NAME = "take_name";
    REMOVE_UNUSED = "remove_unused";
    FIND_HOLDS = "find_holds";
    READ_HELD_EVENTS = "read_held_events";
    READ_LETTERS = "read_letters";
    READ_LETTER = "read_letter";
    COUNT_LETTERS = "count_letters";
    RELEASE_HELD_EVENTS = "release_held_events";
    DELETE_LETTERS = "delete_letters";
    DISCARD_LETTER = "discard_letter";
    HOLD_EVENTS = "hold_events";
    SAVE_LETTER = "save_letter";
    INSERT_LETTER_REQUEST = "insert_letter_request";
    READ_LETTER_REQUESTS = "read_letter_requests";
    READ_LETTER_OUTCOME = "read_letter_outcome";
    ANSWER_LETTER_REQUEST = "answer_letter_request";
    REMOVE_HELD_EVENTS = "remove_held_events";
    REMOVE_LETTER_REQUESTS = "remove_letter_requests";
    FIND_OTHER_KIND = "find_other_kind";
    REMOVE_LETTERS = "remove_letters";
    ADOPT_HELD_EVENTS = "adopt_held_events";
    ADOPT_LETTERS = "adopt_letters";
    DELETE_LETTER_REQUESTS = "delete_letter_requests";
}

/// The statement without its comments and its semicolon, as short as the driver likes it: it looks a
/// statement up by its whole text.
pub(crate) fn plain(statement: &str) -> String {
    let lines = statement.lines().map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.starts_with("--")).collect();
    lines.join(" ").trim_end_matches(';').to_owned()
}

/// The statement, its one row of parameters written `rows` times.
///
/// The parameters have no numbers: the driver would look each number up in a list of all of them.
pub(crate) fn with_rows(statement: &str, rows: usize) -> String {
    let statement = plain(statement);
    let Some((head, row)) = statement.rsplit_once("VALUES ") else {
        return statement;
    };
    // The parenthesis around the rows ends the statement.
    let row = row.strip_suffix(')').unwrap_or(row);
    format!("{head}VALUES {})", vec![row; rows].join(", "))
}

//! Every statement, by the name of its file, filled in with the name of the schema.

use std::sync::Arc;

use crate::schema::Schema;

macro_rules! statements {
    ($($name:ident;)*) => {
        /// The statements of one schema.
        #[derive(Debug)]
        pub(crate) struct Statements {
            $(pub(crate) $name: Arc<str>,)*
        }

        impl Statements {
            pub(crate) fn new(schema: &Schema) -> Self {
                let plain = |sql: &str| Arc::from(plain(&schema.fill(sql)));
                Self {
                    $($name: plain(include_str!(concat!("sql/", stringify!($name), ".sql"))),)*
                }
            }
        }
    };
}

statements! {
    adopt_held_events;
    adopt_letters;
    answer_itself;
    answer_letter_request;
    append_events;
    append_plain_events;
    begin_build;
    begin_partitions;
    check_log;
    claim_lease;
    count_letters;
    delete_letter_requests;
    delete_letters;
    discard_letter;
    find_command;
    find_holds;
    find_indexes;
    find_names;
    find_other_kind;
    find_unused;
    hold_events;
    insert_checkpoint;
    insert_letter_request;
    leave;
    load_snapshot;
    load_stream;
    lock_checkpoints;
    lock_view;
    move_checkpoint;
    read_added;
    read_answering;
    read_answers;
    read_building;
    read_built_lead;
    read_checkpoint;
    read_event_at;
    read_head;
    read_held_events;
    read_lacking;
    read_lead;
    read_lease;
    read_leases;
    read_letter;
    read_letter_outcome;
    read_letter_requests;
    read_letters;
    read_log;
    read_mark;
    read_serving;
    read_stream;
    read_stream_version;
    release_held_events;
    release_lease;
    remove_checkpoint;
    remove_held_events;
    remove_letter_requests;
    remove_letters;
    remove_standbys;
    remove_unused;
    replace_checkpoint;
    save_letter;
    save_snapshot;
    serve;
    serve_first;
    settle_added;
    stand_by;
    take_name;
    widen_events;
}

pub(crate) const ANNOUNCE: &str = include_str!("sql/announce.sql");
pub(crate) const CHECK_SERVER: &str = include_str!("sql/check_server.sql");
pub(crate) const LOCK_MIGRATIONS: &str = include_str!("sql/lock_migrations.sql");
pub(crate) const FIND_MIGRATIONS: &str = include_str!("sql/find_migrations.sql");
pub(crate) const READ_SCHEMA_VERSION: &str = include_str!("sql/read_schema_version.sql");
pub(crate) const CREATE_MIGRATIONS: &str = include_str!("sql/create_migrations.sql");
pub(crate) const INSERT_MIGRATION: &str = include_str!("sql/insert_migration.sql");
pub(crate) const BEGIN: &str = include_str!("sql/begin.sql");
pub(crate) const SET_FOR_POOLER: &str = include_str!("sql/set_for_pooler.sql");
pub(crate) const SET_FOR_PAGE: &str = include_str!("sql/set_for_page.sql");
pub(crate) const SET_FOR_CHANGE: &str = include_str!("sql/set_for_change.sql");
pub(crate) const FIND_SESSION: &str = include_str!("sql/find_session.sql");
pub(crate) const READ_PROCESS: &str = include_str!("sql/read_process.sql");
pub(crate) const GRANT_RIGHTS: &str = include_str!("sql/grant_rights.sql");
pub(crate) const ROLES: &str = include_str!("sql/roles.sql");
pub(crate) const APPLY_MIGRATION: &str = include_str!("sql/apply_migration.sql");

/// The statement without its comments, as short as the driver likes it: it looks a statement up by its
/// whole text.
fn plain(statement: &str) -> String {
    let lines = statement.lines().map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.starts_with("--")).collect();
    lines.join(" ").trim_end_matches(';').to_owned()
}

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
    append_events;
    check_log;
    find_command;
    load_snapshot;
    load_stream;
    read_event_at;
    read_head;
    read_log;
    read_stream;
    read_stream_version;
    save_snapshot;
}

pub(crate) const CHECK_SERVER: &str = include_str!("sql/check_server.sql");
pub(crate) const LOCK_MIGRATIONS: &str = include_str!("sql/lock_migrations.sql");
pub(crate) const FIND_MIGRATIONS: &str = include_str!("sql/find_migrations.sql");
pub(crate) const READ_SCHEMA_VERSION: &str = include_str!("sql/read_schema_version.sql");
pub(crate) const CREATE_MIGRATIONS: &str = include_str!("sql/create_migrations.sql");
pub(crate) const INSERT_MIGRATION: &str = include_str!("sql/insert_migration.sql");
pub(crate) const APPLY_MIGRATION: &str = include_str!("sql/apply_migration.sql");

/// The statement without its comments, as short as the driver likes it: it looks a statement up by its
/// whole text.
fn plain(statement: &str) -> String {
    let lines = statement.lines().map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.starts_with("--")).collect();
    lines.join(" ").trim_end_matches(';').to_owned()
}

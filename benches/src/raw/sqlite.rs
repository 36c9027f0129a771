//! The limit on SQLite: an events table, a view and their statements, written for this domain.

pub(crate) mod catch_up;
pub(crate) mod commands;
pub(crate) mod load;
pub(crate) mod log;
pub(crate) mod visible;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection};

/// With the driver's 50 its thread and the caller's wait for each other at every turn.
const ROWS_ON_THE_WAY: usize = 4096;

/// The settings that the framework's store has as well.
pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(30))
        .row_buffer_size(ROWS_ON_THE_WAY)
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

pub(crate) async fn connect(path: &Path) -> Result<SqliteConnection> {
    Ok(options(path).connect().await?)
}

/// Moves the write-ahead log into the file, so that the file alone can be copied.
pub(crate) async fn settle(path: &Path) -> Result<()> {
    let mut connection = connect(path).await?;
    let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut connection)
        .await?;
    anyhow::ensure!(busy == 0, "{} is still in use", path.display());
    sqlx::Connection::close(connection).await?;
    Ok(())
}

//! One SQLite file: the connection that writes and those that read.

mod identity;
mod readers;
mod writer;

pub(crate) use self::writer::Writer;

use std::path::PathBuf;
use std::time::Duration;

use cqrs_core::store::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::Mutex;

use self::identity::Identity;
use self::readers::Readers;
use crate::binds::Statement;
use crate::config::SqliteConfig;
use crate::error::Place;
use crate::migrate;

/// Statements kept prepared by each connection: batches and pages of every size have their own.
const PREPARED_STATEMENTS: usize = 512;

#[derive(Debug)]
pub(crate) struct SqliteDatabase {
    path: PathBuf,
    busy_timeout: Duration,
    options: SqliteConnectOptions,
    identity: Identity,
    /// Fair, so writers of one process queue here and never poll for SQLite's own lock.
    writer: Mutex<Option<SqliteConnection>>,
    readers: Readers,
}

impl SqliteDatabase {
    pub(crate) async fn open(config: SqliteConfig) -> Result<Self, StoreError> {
        let place = Place {
            path: &config.path,
            waited: config.busy_timeout,
            operation: "open",
        };
        // SQLite would take a relative path that begins with `file:` for a URI.
        let path = std::path::absolute(&config.path).map_err(|error| place.io_error(&error))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| place.io_error(&error))?;
        }
        let options = options(&config).filename(&path);
        let connection = options.clone().create_if_missing(true).connect().await;
        let mut connection = connection.map_err(|error| place.error(error))?;
        migrate::prepare(&mut connection, &place).await?;
        let identity = Identity::of(&path).map_err(|error| place.io_error(&error))?;
        Ok(Self {
            identity,
            path: config.path,
            busy_timeout: config.busy_timeout,
            readers: Readers::new(config.readers, options.clone()),
            options,
            writer: Mutex::new(Some(connection)),
        })
    }

    /// The connection that writes, when it is this caller's turn.
    pub(crate) async fn writer(&self) -> Result<Writer<'_>, sqlx::Error> {
        let mut slot = self.writer.lock().await;
        self.identity.check()?;
        let connection = match slot.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Writer::new(slot, connection))
    }

    /// The rows of one statement, read beside whoever writes.
    pub(crate) async fn read(
        &self,
        operation: &'static str,
        statement: Statement<'_>,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let rows = self.readers.read(statement).await;
        rows.map_err(|error| self.place(operation).error(error))
    }

    /// One statement that is a transaction by itself.
    pub(crate) async fn write(
        &self,
        operation: &'static str,
        statement: Statement<'_>,
    ) -> Result<(), StoreError> {
        let write = async {
            let mut writer = self.writer().await?;
            writer.execute(statement).await?;
            writer.settle();
            Ok(())
        };
        let written: Result<(), sqlx::Error> = write.await;
        written.map_err(|error| self.place(operation).error(error))
    }

    /// The last connection of a file that closes moves everything into it.
    pub(crate) async fn close_idle(&self) {
        let writer = self.writer.lock().await.take();
        let connections = self.readers.take().await.into_iter().chain(writer);
        for connection in connections {
            // What it could not do, the next one to open the file does.
            let _ = connection.close().await;
        }
    }

    pub(crate) fn place(&self, operation: &'static str) -> Place<'_> {
        Place {
            path: &self.path,
            waited: self.busy_timeout,
            operation,
        }
    }
}

fn options(config: &SqliteConfig) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .busy_timeout(config.busy_timeout)
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(PREPARED_STATEMENTS)
        // Where a statement needs a journal of its own, it would be a file beyond 64 KiB.
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    match config.max_pages {
        Some(pages) => options.pragma("max_page_count", pages.to_string()),
        None => options,
    }
}

/// The rows of a statement on one connection.
pub(crate) async fn rows(
    connection: &mut SqliteConnection,
    statement: Statement<'_>,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    connection.fetch_all(statement).await
}

//! The connections that read: opened when they are needed, kept until the file is closed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions, Executor};
use tokio::sync::Semaphore;

use crate::binds::Statement;

#[derive(Debug)]
pub(super) struct Readers {
    turns: Semaphore,
    /// How many may read at the same time.
    count: u32,
    idle: Mutex<Vec<SqliteConnection>>,
    options: SqliteConnectOptions,
}

impl Readers {
    /// They may write as far as SQLite is concerned: the last connection of a file that closes
    /// cleans up the write-ahead log, which a read-only one could not.
    pub(super) fn new(count: usize, options: SqliteConnectOptions) -> Self {
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        Self {
            turns: Semaphore::new(count as usize),
            count,
            idle: Mutex::default(),
            options: options.pragma("query_only", "ON"),
        }
    }

    /// The connection goes back only when the answer is whole; otherwise it is closed.
    pub(super) async fn read(
        &self,
        statement: Statement<'_>,
    ) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let turn = self.turns.acquire().await;
        let _turn = turn.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self.idle().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        let rows = connection.fetch_all(statement).await?;
        self.idle().push(connection);
        Ok(rows)
    }

    /// The connections, when nobody reads any more.
    pub(super) async fn take(&self) -> Vec<SqliteConnection> {
        let _turns = self.turns.acquire_many(self.count).await;
        std::mem::take(&mut *self.idle())
    }

    fn idle(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

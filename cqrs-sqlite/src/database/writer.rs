//! The connection that writes, while one caller has it.

use sqlx::sqlite::{SqliteConnection, SqliteQueryResult, SqliteRow};
use sqlx::{Executor, raw_sql};
use tokio::sync::MutexGuard;

use crate::binds::Statement;

/// The caller's turn to write.
///
/// Dropped without [`Writer::settle`], after an error or with its caller's future, it closes the
/// connection, by which SQLite rolls back what was begun; the next caller opens another one.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    slot: MutexGuard<'a, Option<SqliteConnection>>,
    connection: SqliteConnection,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        slot: MutexGuard<'a, Option<SqliteConnection>>,
        connection: SqliteConnection,
    ) -> Self {
        Self { slot, connection }
    }

    pub(crate) async fn execute(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<SqliteQueryResult, sqlx::Error> {
        self.connection.execute(statement).await
    }

    pub(crate) async fn rows(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<Vec<SqliteRow>, sqlx::Error> {
        self.connection.fetch_all(statement).await
    }

    pub(crate) async fn rollback(&mut self) -> Result<(), sqlx::Error> {
        self.connection.execute(raw_sql("ROLLBACK")).await?;
        Ok(())
    }

    /// Hands the connection on: no transaction is open any more.
    pub(crate) fn settle(mut self) {
        *self.slot = Some(self.connection);
    }
}

//! A transaction: a connection of its own until it is committed or rolled back.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Executor, Row, query};
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::connections::Connections;
use super::session::order;
use super::{Fault, Statement};
use crate::error::ends_connection;
use crate::sql::READ_PROCESS;

/// Dropped before its end, also after an error, its connection is closed, by which the server rolls back.
#[derive(Debug)]
pub(crate) struct Transaction<'d> {
    connections: &'d Connections,
    connection: PgConnection,
    limit: Limit,
    _turn: SemaphorePermit<'d>,
}

/// How long a statement is waited for.
#[derive(Debug, Clone, Copy)]
enum Limit {
    /// As long as the server lets it run, and a little more.
    Answer,
    /// As long as the server is at work for the session with this process.
    AtWork(i32),
}

impl<'d> Transaction<'d> {
    pub(super) async fn begin(
        connections: &'d Connections,
        settings: &'static str,
    ) -> Result<Self, Fault> {
        match Self::begin_once(connections, settings).await {
            // Nothing was asked of the database yet.
            Err(Fault::Broken) => Self::begin_once(connections, settings).await,
            begun => begun,
        }
    }

    async fn begin_once(
        connections: &'d Connections,
        settings: &'static str,
    ) -> Result<Self, Fault> {
        let (turn, connection) = connections.acquire().await?;
        let mut transaction = Self {
            connections,
            connection,
            limit: Limit::Answer,
            _turn: turn,
        };
        let begin = connections.session().begin(settings);
        transaction.order(&begin).await?;
        Ok(transaction)
    }

    /// Its statements may take as long as they need from here on.
    pub(super) async fn without_limit(mut self) -> Result<Self, Fault> {
        let rows = self.rows(query(READ_PROCESS)).await?;
        let process = rows.first().map(|row| row.try_get(0)).transpose()?;
        self.limit = process.map_or(Limit::Answer, Limit::AtWork);
        Ok(self)
    }

    pub(crate) async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        let statement = self.connections.session().within(statement);
        let answer = self.connection.fetch_all(statement);
        let answer = within(self.limit, self.connections, answer).await;
        answer.inspect_err(|fault| self.look_at(fault))
    }

    pub(crate) async fn execute(&mut self, statement: Statement<'_>) -> Result<(), Fault> {
        self.rows(statement).await.map(drop)
    }

    pub(crate) async fn commit(mut self) -> Result<(), Fault> {
        self.order("COMMIT").await?;
        self.put_back();
        Ok(())
    }

    pub(crate) async fn rollback(mut self) -> Result<(), Fault> {
        self.order("ROLLBACK").await?;
        self.put_back();
        Ok(())
    }

    async fn order(&mut self, text: &str) -> Result<(), Fault> {
        let answer = order(&mut self.connection, text);
        let answer = within(self.limit, self.connections, answer).await;
        answer.inspect_err(|fault| self.look_at(fault))
    }

    fn look_at(&self, fault: &Fault) {
        if matches!(fault, Fault::Broken) {
            self.connections.forget_idle();
        }
    }

    fn put_back(self) {
        self.connections.put_back(self.connection);
    }
}

async fn within<T>(
    limit: Limit,
    connections: &Connections,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Fault> {
    let mut answer = std::pin::pin!(answer);
    loop {
        match timeout(connections.patience(), &mut answer).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) if ends_connection(&error) => return Err(Fault::Broken),
            Ok(Err(error)) => return Err(Fault::Refused(error)),
            Err(_) => {}
        }
        // The connection may be gone without anybody having said so.
        match limit {
            Limit::AtWork(process) if connections.is_at_work(process).await => {}
            _ => return Err(Fault::Broken),
        }
    }
}

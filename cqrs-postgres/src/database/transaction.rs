//! A transaction: a connection of its own until it is committed or rolled back.

use std::time::Duration;

use sqlx::Executor;
use sqlx::postgres::{PgConnection, PgRow};
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::connections::Connections;
use super::session::order;
use super::{Fault, Statement};
use crate::error::ends_connection;

/// Dropped before its end, also after an error, its connection is closed, by which the server rolls back.
#[derive(Debug)]
pub(crate) struct Transaction<'d> {
    connections: &'d Connections,
    connection: PgConnection,
    patience: Option<Duration>,
    _turn: SemaphorePermit<'d>,
}

impl<'d> Transaction<'d> {
    pub(super) async fn begin(
        connections: &'d Connections,
        settings: &'static str,
        patience: Option<Duration>,
    ) -> Result<Self, Fault> {
        match Self::begin_once(connections, settings, patience).await {
            // Nothing was asked of the database yet.
            Err(Fault::Broken) => Self::begin_once(connections, settings, patience).await,
            begun => begun,
        }
    }

    async fn begin_once(
        connections: &'d Connections,
        settings: &'static str,
        patience: Option<Duration>,
    ) -> Result<Self, Fault> {
        let (turn, connection) = connections.acquire().await?;
        let mut transaction = Self {
            connections,
            connection,
            patience,
            _turn: turn,
        };
        let begin = connections.session().begin(settings);
        transaction.order(&begin).await?;
        Ok(transaction)
    }

    pub(crate) async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        let statement = self.connections.session().within(statement);
        let answer = self.connection.fetch_all(statement);
        let answer = within(self.patience, answer).await;
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
        let answer = within(self.patience, answer).await;
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
    patience: Option<Duration>,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Fault> {
    let answer = match patience {
        Some(patience) => timeout(patience, answer).await,
        None => Ok(answer.await),
    };
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if ends_connection(&error) => Err(Fault::Broken),
        Ok(Err(error)) => Err(Fault::Refused(error)),
        Err(_) => Err(Fault::Broken),
    }
}

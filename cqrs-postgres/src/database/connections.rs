//! The connections of a process: opened when they are needed, kept while they are whole.
//!
//! Not the driver's pool, which asks the server after every statement whether the connection still
//! lives: that would be a second round trip for each command.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tokio_stream::StreamExt;

use super::Statement;
use crate::config::PostgresConfig;
use crate::error::{ends_connection, is_replaced};

/// A connection that nobody used for so long is asked whether it still lives.
const LONG_IDLE: Duration = Duration::from_secs(10);

/// The server cancels a statement first; after this much more time it does not answer at all.
const GRACE: Duration = Duration::from_secs(5);

/// Why there are no rows.
#[derive(Debug)]
pub(crate) enum Fault {
    /// There is no connection.
    Connect(sqlx::Error),
    /// None became free, or the server did not answer, for so long.
    Wait(Duration),
    /// It broke, or fell silent, after the statement was sent.
    Broken,
    /// What the statement names was replaced or dropped since it was prepared.
    Replaced(sqlx::Error),
    /// The server refused the statement.
    Refused(sqlx::Error),
}

impl Fault {
    /// Whether the same statement may succeed on another connection.
    pub(crate) fn is_of_connection(&self) -> bool {
        matches!(self, Fault::Broken | Fault::Replaced(_))
    }
}

/// Rows are read from what the server has sent.
impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Fault::Refused(error)
    }
}

#[derive(Debug)]
pub(super) struct Connections {
    turns: Semaphore,
    idle: Mutex<Vec<Idle>>,
    options: PgConnectOptions,
    acquire_timeout: Duration,
    answer_timeout: Duration,
}

#[derive(Debug)]
struct Idle {
    connection: PgConnection,
    since: Instant,
}

/// A row that cannot be read is an error when the answer is whole.
async fn collect<T>(
    connection: &mut PgConnection,
    statement: Statement<'_>,
    mut read: impl FnMut(PgRow) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, sqlx::Error> {
    let mut all = Ok(Vec::new());
    let mut rows = connection.fetch(statement);
    while let Some(row) = rows.try_next().await? {
        if let Ok(values) = &mut all {
            match read(row) {
                Ok(value) => values.push(value),
                Err(error) => all = Err(error),
            }
        }
    }
    all
}

impl Connections {
    pub(super) fn new(options: PgConnectOptions, config: &PostgresConfig) -> Self {
        Self {
            turns: Semaphore::new(config.max_connections.max(1)),
            idle: Mutex::default(),
            options,
            acquire_timeout: config.acquire_timeout,
            answer_timeout: config.statement_timeout.saturating_add(GRACE),
        }
    }

    pub(super) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        self.rows_as(statement, Ok).await
    }

    /// What the rows say, each read while the server still sends the next ones.
    ///
    /// The connection is kept only when the answer is whole; otherwise, also where the caller has gone,
    /// it is closed.
    pub(super) async fn rows_as<T>(
        &self,
        statement: Statement<'_>,
        read: impl FnMut(PgRow) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, Fault> {
        let (_turn, mut connection) = self.acquire().await?;
        let answer = timeout(
            self.answer_timeout,
            collect(&mut connection, statement, read),
        )
        .await;
        match answer {
            Ok(Ok(rows)) => {
                self.put_back(connection);
                Ok(rows)
            }
            Ok(Err(error)) if ends_connection(&error) => {
                self.forget_idle();
                Err(Fault::Broken)
            }
            // What it has prepared is of no more use.
            Ok(Err(error)) if is_replaced(&error) => Err(Fault::Replaced(error)),
            Ok(Err(error)) => {
                self.put_back(connection);
                Err(Fault::Refused(error))
            }
            Err(_) => Err(Fault::Broken),
        }
    }

    /// A connection, and the right to have it.
    pub(super) async fn acquire(&self) -> Result<(SemaphorePermit<'_>, PgConnection), Fault> {
        let turn = timeout(self.acquire_timeout, self.turns.acquire()).await;
        let turn = turn.map_err(|_| Fault::Wait(self.acquire_timeout))?;
        let turn = turn.map_err(|_| Fault::Broken)?;
        match timeout(self.acquire_timeout, self.connection()).await {
            Ok(connection) => Ok((turn, connection.map_err(Fault::Connect)?)),
            Err(_) => Err(Fault::Wait(self.acquire_timeout)),
        }
    }

    /// Whatever ended one connection has probably ended the others.
    pub(super) fn forget_idle(&self) {
        self.idle().clear();
    }

    /// After how long without an answer there will be none.
    pub(super) fn patience(&self) -> Duration {
        self.answer_timeout
    }

    pub(super) fn put_back(&self, connection: PgConnection) {
        let since = Instant::now();
        self.idle().push(Idle { connection, since });
    }

    pub(super) async fn close_idle(&self) {
        let idle = std::mem::take(&mut *self.idle());
        for Idle { connection, .. } in idle {
            // It ends either way; the server only likes to be told.
            let _ = connection.close().await;
        }
    }

    async fn connection(&self) -> Result<PgConnection, sqlx::Error> {
        loop {
            let Some(mut idle) = self.idle().pop() else {
                return self.options.connect().await;
            };
            if idle.since.elapsed() < LONG_IDLE || idle.connection.ping().await.is_ok() {
                return Ok(idle.connection);
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The connections of a process: opened when they are needed, kept while they are whole.
//!
//! Not the driver's pool, which asks the server after every statement whether the connection still
//! lives: that would be a second round trip for each command.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions, Connection, Row, query};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::{Session, Statement};
use crate::config::PostgresConfig;
use crate::error::{ends_connection, is_crowded, is_replaced};
use crate::sql::FIND_SESSION;

/// A connection that nobody used for so long is asked whether it still lives.
const LONG_IDLE: Duration = Duration::from_secs(10);

/// The server cancels a statement first; after this much more time it does not answer at all.
pub(super) const GRACE: Duration = Duration::from_secs(5);

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
    session: Session,
    acquire_timeout: Duration,
    answer_timeout: Duration,
}

#[derive(Debug)]
struct Idle {
    connection: PgConnection,
    since: Instant,
}

impl Connections {
    pub(super) fn new(session: Session, config: &PostgresConfig) -> Self {
        Self {
            turns: Semaphore::new(config.max_connections.max(1)),
            idle: Mutex::default(),
            options: session.options(config),
            session,
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
        let answer = self.session.rows_as(&mut connection, statement, read);
        let answer = timeout(self.answer_timeout, answer).await;
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

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// After how long without an answer there will be none.
    pub(super) fn patience(&self) -> Duration {
        self.answer_timeout
    }

    /// Whether the server still works for the session with this process, as another connection sees it.
    pub(super) async fn is_at_work(&self, process: i32) -> bool {
        let asked = async {
            let mut connection = match self.options.connect().await {
                Ok(connection) => connection,
                // So it lives, and nothing else is known.
                Err(error) => return is_crowded(&error),
            };
            let find = query(FIND_SESSION).bind(process);
            let found = self.session.rows(&mut connection, find).await;
            let found = found.and_then(|rows| rows.first().map_or(Ok(false), |row| row.try_get(0)));
            found.unwrap_or(false)
        };
        timeout(self.answer_timeout, asked).await.unwrap_or(false)
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

//! The connections of a process: opened when they are needed, kept while they are whole.
//!
//! Not the driver's pool, which asks the server after every statement whether the connection still
//! lives: that would be a second round trip for each command.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Statement;
use crate::config::PostgresConfig;
use crate::error::ends_connection;

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
    /// The server refused the statement.
    Refused(sqlx::Error),
}

impl Fault {
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self, Fault::Broken)
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

    /// The connection is kept only when the answer is whole; otherwise, also where the caller has gone,
    /// it is closed.
    pub(super) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        let turn = timeout(self.acquire_timeout, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| Fault::Wait(self.acquire_timeout))?;
        let mut connection = match timeout(self.acquire_timeout, self.connection()).await {
            Ok(connection) => connection.map_err(Fault::Connect)?,
            Err(_) => return Err(Fault::Wait(self.acquire_timeout)),
        };
        let answer = timeout(self.answer_timeout, connection.fetch_all(statement)).await;
        match answer {
            Ok(Ok(rows)) => {
                self.put_back(connection);
                Ok(rows)
            }
            Ok(Err(error)) if ends_connection(&error) => {
                // Whatever ended this one has probably ended the others.
                self.idle().clear();
                Err(Fault::Broken)
            }
            Ok(Err(error)) => {
                self.put_back(connection);
                Err(Fault::Refused(error))
            }
            Err(_) => Err(Fault::Broken),
        }
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

//! Connections that stay open. Not the driver's pool, which asks the server at every turn whether a
//! connection still lives: that would be another round trip for each command.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use sqlx::postgres::PgConnection;
use tokio::sync::Semaphore;

use super::connect;

/// As many as the framework opens at the most.
const CONNECTIONS: usize = 10;

/// Connections that are opened when they are needed.
pub(crate) struct Pool {
    url: String,
    idle: Mutex<Vec<PgConnection>>,
    turns: Semaphore,
}

impl Pool {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            idle: Mutex::default(),
            turns: Semaphore::new(CONNECTIONS),
        }
    }

    /// The one that was used last, whose server process has everything at hand.
    pub(crate) async fn take(&self) -> Result<PgConnection> {
        self.turns.acquire().await?.forget();
        let idle = self.idle().pop();
        match idle {
            Some(connection) => Ok(connection),
            None => connect(&self.url).await,
        }
    }

    pub(crate) fn give_back(&self, connection: PgConnection) {
        self.idle().push(connection);
        self.turns.add_permits(1);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

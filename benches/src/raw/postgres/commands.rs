//! Commands: load by one SELECT, fold, decide, one INSERT, in a transaction; again when the version was taken.

use std::sync::Arc;

use anyhow::{Result, bail};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use super::load::load;
use super::log;
use super::pool::Pool;
use crate::domain::{AccountCommand, AccountEvent};
use crate::engine;
use crate::paths::commands::Shape;
use crate::session::Session;

/// A database that takes commands.
pub(crate) struct Commands {
    url: String,
    shape: Shape,
    session: Session,
}

impl Commands {
    /// Fills the store and sends commands to it.
    pub(crate) async fn open(shape: Shape, url: &str) -> Result<Self> {
        log::fill(url, shape.before()).await?;
        Ok(Self::open_filled(shape, url))
    }

    /// Sends commands to a store that is filled.
    ///
    /// One at a time it is the bare INSERT, with a version that is known; many at once load their stream
    /// and insert in a transaction.
    pub(crate) fn open_filled(shape: Shape, url: &str) -> Self {
        let pool = Arc::new(Pool::new(url));
        let session = Session::new(shape.tasks, move |number| {
            let (pool, command) = (pool.clone(), shape.command(number));
            async move {
                let mut connection = pool.take().await?;
                match shape.tasks {
                    1 => insert(&mut connection, command, shape.version(number)).await?,
                    _ => execute(&mut connection, command).await?,
                }
                pool.give_back(connection);
                Ok(())
            }
        });
        Self {
            url: url.to_owned(),
            shape,
            session,
        }
    }

    /// The same as `verify`, where the store is found at another address.
    pub(crate) async fn verify_at(self, url: &str) -> Result<()> {
        let stored = log::read_tally(url).await?;
        self.shape.verify(self.session.operations(), stored)
    }
}

impl engine::Commands for Commands {
    fn session(&self) -> &Session {
        &self.session
    }

    async fn verify(self) -> Result<()> {
        let url = self.url.clone();
        self.verify_at(&url).await
    }
}

/// One transaction at the server's own isolation level, READ COMMITTED: the unique version decides.
async fn execute(connection: &mut PgConnection, command: AccountCommand) -> Result<()> {
    loop {
        let mut transaction = connection.begin().await?;
        match handle(&mut transaction, command.clone()).await {
            Ok(()) => return Ok(transaction.commit().await?),
            Err(error) if is_conflict(&error) => transaction.rollback().await?,
            Err(error) => return Err(error),
        }
    }
}

/// Load by one SELECT, fold, decide, INSERT, in the caller's transaction.
pub(super) async fn handle(connection: &mut PgConnection, command: AccountCommand) -> Result<()> {
    let stream = command.account().clone();
    let (account, version) = load(connection, stream.as_str()).await?;
    if (version == 0) != matches!(command, AccountCommand::Open { .. }) {
        bail!("{stream} has version {version}");
    }
    for (version, event) in (version + 1..).zip(account.decide(command)?) {
        log::insert(connection, stream.as_str(), version, &event).await?;
    }
    Ok(())
}

fn is_conflict(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<sqlx::Error>();
    let error = error.and_then(sqlx::Error::as_database_error);
    error.is_some_and(|error| error.is_unique_violation())
}

/// Nothing but the INSERT and its commit.
async fn insert(
    connection: &mut PgConnection,
    command: AccountCommand,
    version: u64,
) -> Result<()> {
    let (account, event) = match command {
        AccountCommand::Open { id, owner } => (id, AccountEvent::Opened { owner }),
        AccountCommand::Deposit { id, amount } => (id, AccountEvent::Deposited { amount }),
        AccountCommand::Withdraw { id, amount } => (id, AccountEvent::Withdrawn { amount }),
    };
    Ok(log::insert(connection, account.as_str(), version, &event).await?)
}

//! Commands: load by one SELECT, fold, decide, one INSERT; again when the version was taken.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::Mutex;

use super::load::load;
use super::{connect, log, options};
use crate::domain::{AccountCommand, AccountEvent};
use crate::engine;
use crate::paths::commands::Shape;
use crate::session::Session;
use crate::workload::LogEvent;

/// A file that takes commands.
pub(crate) struct Commands {
    path: PathBuf,
    shape: Shape,
    session: Session,
}

impl Commands {
    /// One at a time it is the bare INSERT, with a version that is known.
    pub(crate) async fn open(shape: Shape, path: &Path) -> Result<Self> {
        let store = Store::create(path, shape.before()).await?;
        let session = Session::new(shape.tasks, move |number| {
            let (store, command) = (store.clone(), shape.command(number));
            async move {
                match shape.tasks {
                    1 => store.insert(command, shape.version(number)).await,
                    _ => store.execute(command).await,
                }
            }
        });
        Ok(Self {
            path: path.to_owned(),
            shape,
            session,
        })
    }
}

impl engine::Commands for Commands {
    fn session(&self) -> &Session {
        &self.session
    }

    async fn verify(self) -> Result<()> {
        let stored = log::read_tally(&self.path).await?;
        self.shape.verify(self.session.operations(), stored)
    }
}

/// SQLite has one writer at a time, so one connection writes and the others load.
#[derive(Clone)]
pub(crate) struct Store {
    writer: Arc<Mutex<SqliteConnection>>,
    readers: SqlitePool,
}

impl Store {
    pub(crate) async fn create(
        path: &Path,
        events: impl Iterator<Item = LogEvent>,
    ) -> Result<Self> {
        let mut writer = connect(path).await?;
        log::create(&mut writer, events).await?;
        let writer = Arc::new(Mutex::new(writer));
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .test_before_acquire(false)
            .connect_with(options(path))
            .await?;
        Ok(Self { writer, readers })
    }

    pub(crate) async fn execute(&self, command: AccountCommand) -> Result<()> {
        let stream = command.account().clone();
        loop {
            let (account, version) = {
                let mut reader = self.readers.acquire().await?;
                load(&mut reader, stream.as_str()).await?
            };
            if (version == 0) != matches!(command, AccountCommand::Open { .. }) {
                bail!("{stream} has version {version}");
            }
            let events = account.decide(command.clone())?;
            match self.append(stream.as_str(), version, &events).await {
                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => continue,
                appended => return Ok(appended?),
            }
        }
    }

    /// Nothing but the INSERT and its commit.
    async fn insert(&self, command: AccountCommand, version: u64) -> Result<()> {
        let (account, event) = match command {
            AccountCommand::Open { id, owner } => (id, AccountEvent::Opened { owner }),
            AccountCommand::Deposit { id, amount } => (id, AccountEvent::Deposited { amount }),
            AccountCommand::Withdraw { id, amount } => (id, AccountEvent::Withdrawn { amount }),
        };
        let mut writer = self.writer.lock().await;
        Ok(log::insert(&mut writer, account.as_str(), version, &event).await?)
    }

    async fn append(
        &self,
        stream: &str,
        version: u64,
        events: &[AccountEvent],
    ) -> Result<(), sqlx::Error> {
        let mut writer = self.writer.lock().await;
        if let [event] = events {
            return log::insert(&mut writer, stream, version + 1, event).await;
        }
        let mut transaction = writer.begin().await?;
        for (version, event) in (version + 1..).zip(events) {
            log::insert(&mut transaction, stream, version, event).await?;
        }
        transaction.commit().await
    }
}

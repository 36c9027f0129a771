//! Postgres: a database for each store, on one server with its durable settings.

use anyhow::Result;
use hdrhistogram::Histogram;
use postgres_server::Database;
use sqlx::{Connection as _, Executor as _};

use super::{Engine, Store};
use crate::bench::Bench;
use crate::paths::commands::Shape;
use crate::raw::postgres as raw;
use crate::session::Session;
use crate::workload::LogEvent;

pub(crate) struct Postgres<'a>(pub(crate) &'a Bench);

impl Engine for Postgres<'_> {
    type Store = Database;
    type Commands = raw::commands::Commands;
    type Follower = raw::catch_up::Follower;

    const NAME: &'static str = "postgres";

    async fn create(&self, _: &str) -> Result<Database> {
        Ok(self.keep(Database::create().await?))
    }

    async fn copy(&self, original: &Database, _: &str) -> Result<Database> {
        let copy = self.keep(original.copy().await?);
        let mut connection = copy.connect().await?;
        connection.execute("CHECKPOINT").await?;
        Ok(connection.close().await.map(|()| copy)?)
    }

    async fn settle(&self, store: &Database) -> Result<()> {
        let mut connection = store.connect().await?;
        connection.execute("VACUUM ANALYZE").await?;
        connection.execute("CHECKPOINT").await?;
        Ok(connection.close().await?)
    }

    async fn commands(url: &str, shape: Shape) -> Result<Self::Commands> {
        raw::commands::Commands::open(shape, url).await
    }

    async fn fill(url: &str, events: impl Iterator<Item = LogEvent>) -> Result<()> {
        raw::log::fill(url, events).await
    }

    async fn load(url: &str, events: u64) -> Result<Session> {
        raw::load::open(events, url).await
    }

    async fn follow(url: &str) -> Result<Self::Follower> {
        raw::catch_up::Follower::create(url).await
    }

    async fn visible(url: &str, commands: u64) -> Result<Histogram<u64>> {
        raw::visible::visible(url, commands).await
    }
}

impl Postgres<'_> {
    /// A quick run fills no disk, and has no time for the drops.
    fn keep(&self, database: Database) -> Database {
        match self.0.quick {
            true => database.until_the_server_ends(),
            false => database,
        }
    }
}

impl Store for Database {
    fn url(&self) -> String {
        Database::url(self).to_owned()
    }
}

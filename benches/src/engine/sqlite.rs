//! SQLite: a file for each store.

use std::path::Path;

use anyhow::Result;
use hdrhistogram::Histogram;

use super::{Engine, Store};
use crate::bench::{Bench, DatabaseFile};
use crate::paths::commands::Shape;
use crate::raw::sqlite as raw;
use crate::session::Session;
use crate::workload::LogEvent;

const SCHEME: &str = "sqlite:";

pub(crate) struct Sqlite<'b>(pub(crate) &'b Bench);

impl Engine for Sqlite<'_> {
    type Store = DatabaseFile;
    type Commands = raw::commands::Commands;
    type Follower = raw::catch_up::Follower;

    const NAME: &'static str = "sqlite";

    async fn create(&self, name: &str) -> Result<DatabaseFile> {
        Ok(self.0.file(name))
    }

    async fn copy(&self, original: &DatabaseFile, name: &str) -> Result<DatabaseFile> {
        self.0.copy(original, name)
    }

    async fn settle(&self, store: &DatabaseFile) -> Result<()> {
        raw::settle(store.path()).await
    }

    async fn commands(url: &str, shape: Shape) -> Result<Self::Commands> {
        raw::commands::Commands::open(shape, path(url)).await
    }

    async fn fill(url: &str, events: impl Iterator<Item = LogEvent>) -> Result<()> {
        raw::log::fill(path(url), events).await
    }

    async fn load(url: &str, events: u64) -> Result<Session> {
        raw::load::open(events, path(url)).await
    }

    async fn follow(url: &str) -> Result<Self::Follower> {
        raw::catch_up::Follower::create(path(url)).await
    }

    async fn visible(url: &str, commands: u64) -> Result<Histogram<u64>> {
        raw::visible::visible(path(url), commands).await
    }
}

impl Store for DatabaseFile {
    fn url(&self) -> String {
        format!("{SCHEME}{}", self.path().display())
    }
}

fn path(url: &str) -> &Path {
    Path::new(url.strip_prefix(SCHEME).unwrap_or(url))
}

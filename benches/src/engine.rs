//! A database that is measured, and the program that was written for it by hand.

mod postgres;
mod sqlite;

pub(crate) use self::postgres::Postgres;
pub(crate) use self::sqlite::Sqlite;

use anyhow::Result;
use hdrhistogram::Histogram;

use crate::paths::commands::Shape;
use crate::session::Session;
use crate::workload::{LogEvent, Tally};

/// Makes stores for either side, and opens the hand-written program on them by their address.
pub(crate) trait Engine {
    type Store: Store;
    type Commands: Commands;
    type Follower: Follower;

    /// As the probe's argument says it.
    const NAME: &'static str;

    /// An empty store.
    async fn create(&self, name: &str) -> Result<Self::Store>;

    /// A copy that is on the disk before anybody measures; nobody else has the original open.
    async fn copy(&self, original: &Self::Store, name: &str) -> Result<Self::Store>;

    /// Finishes what the database puts off until after a write, so that no pass pays for it.
    async fn settle(&self, store: &Self::Store) -> Result<()>;

    async fn commands(url: &str, shape: Shape) -> Result<Self::Commands>;

    /// Makes the log and stores the events.
    async fn fill(url: &str, events: impl Iterator<Item = LogEvent>) -> Result<()>;

    /// Loads the one stream of so many events again and again.
    async fn load(url: &str, events: u64) -> Result<Session>;

    /// The view made anew, before its first page.
    async fn follow(url: &str) -> Result<Self::Follower>;

    /// Microseconds from the commit to the row.
    async fn visible(url: &str, commands: u64) -> Result<Histogram<u64>>;
}

/// Events and views of one side, removed when it is dropped.
pub(crate) trait Store {
    /// As the framework opens it.
    fn url(&self) -> String;
}

/// The hand-written program at commands: by load and INSERT, or by the bare INSERT where it is one at a time.
pub(crate) trait Commands {
    fn session(&self) -> &Session;

    /// Fails unless the store holds what the session's commands leave there.
    async fn verify(self) -> Result<()>;
}

/// The hand-written program's view.
pub(crate) trait Follower {
    /// Follows the log to its end.
    async fn catch_up(&mut self) -> Result<()>;

    async fn tally(&mut self) -> Result<Tally>;
}

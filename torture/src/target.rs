//! What is tormented: all that differs from one store to the other.

mod postgres;
mod sqlite;

pub(crate) use self::postgres::PostgresServer;
pub(crate) use self::sqlite::SqliteFile;

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;

use crate::arguments::Role;
use crate::tally::Tally;

/// What is at work on a store, and how fast: as much as it bears.
pub(crate) struct Shape {
    /// How many milliseconds a round may last. Short enough that streams stay short (a writer that
    /// starts anew folds them whole), that a fault is found soon, and that stores are new often: a
    /// view's first page has gone wrong where all others were right.
    pub(crate) round: Range<u64>,
    /// How many milliseconds there are between two strikes.
    pub(crate) strikes: Range<u64>,
    /// So short that a pause of a process can be longer.
    pub(crate) lease: Duration,
    /// Small, so that a kill meets a page at every stage.
    pub(crate) page: usize,
    /// Who works there; readers take over the leases as well when they are free.
    pub(crate) crew: &'static [Role],
    /// Who works where a view that goes back is to be found: it is soon where it was, so more eyes are
    /// on it.
    pub(crate) eyes: &'static [Role],
    /// How soon a child sees what the others append; readers look twice as often.
    pub(crate) poll: Duration,
    /// How many streams there are: few, so that every writer meets the others on every stream.
    pub(crate) streams: u64,
    /// How many applications a writer has.
    pub(crate) applications: usize,
}

/// A store that is made empty for each round.
pub(crate) trait Target {
    /// What is at work there, and how fast.
    fn shape(&self) -> &'static Shape;

    /// An empty store.
    fn begin(&mut self) -> Result<()>;

    /// Where a child finds the store.
    fn address(&self, role: Role) -> Result<String>;

    /// What the subscription was handed.
    fn record(&self) -> PathBuf;

    /// Strikes at the store itself now and then.
    fn strike(&mut self, rng: &mut Rng, tally: &mut Tally) -> Result<Struck>;

    /// Moves the store to another place; nobody works on it.
    fn move_on(&mut self, tally: &mut Tally) -> Result<()>;

    /// Brings the store to rest when all children have ended; it is checked at this address.
    fn settle(&mut self, tally: &mut Tally) -> Result<String>;

    /// Keeps the store of this round, which shows a fault that nobody asked for.
    fn keep(&mut self) -> Result<()>;

    /// Removes what the round has left.
    fn end(&mut self) -> Result<()>;
}

/// What a strike at a store came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Struck {
    /// The children's turn.
    Nothing,
    Store,
    /// It waits for all children to end, to be moved.
    Leaving,
}

//! ⑧ Tables beside tables: which one answers for a view, and the swap.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{ViewReader, ViewTable};
use crate::BoxFuture;
use crate::checkpoint::{Checkpoint, Claim};
use crate::store::StoreError;

/// What a view's tables are to each other: one of them answers under the view's plain name, others
/// are built beside it or belong to older code.
///
/// Every change of that is one step: a transaction in SQL, one alias request in Elasticsearch.
pub trait ViewSwap: Send + Sync + 'static {
    /// What answers the queries of code that has this table's schema.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn answering(&self) -> BoxFuture<'_, Result<Answering, StoreError>>;

    /// Lets this table answer: whoever asks in the next moment, in whatever process, is answered by it.
    ///
    /// A table from [`ViewStore::build`](super::ViewStore::build) takes the place of the one with its
    /// schema, with its own checkpoints; whoever holds a lease there is fenced. It is refused while any
    /// partition there has followed the same log further than the one that takes its place.
    ///
    /// Any other table takes the plain name from the one that has it, and is refused while that one has
    /// followed the same log further: the slowest partition of each counts, since that is what was
    /// waited for. One that answers already is left as it is.
    ///
    /// What is `instead_of` a checkpoint that the log has lost is let through.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written; nothing is changed then.
    fn swap<'a>(
        &'a self,
        claim: &'a Claim,
        instead_of: Option<&'a Checkpoint>,
    ) -> BoxFuture<'a, Result<SwapOutcome, StoreError>>;

    /// The events that the view follows since a table was there already, as long as nobody has made sure
    /// that the table has passed none of them by.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn added_events(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>>;

    /// Notes that the table has passed none of the added events by. Nothing happens when another worker
    /// has taken the lease.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn settle_events<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Drops the view's other tables that do not answer and whose lease nobody has renewed for so long,
    /// with all that belongs to them.
    ///
    /// Where that is so of the table that answers under the plain name, and this one has caught up once,
    /// this one takes the name first: older code was put back.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn drop_unused(&self, unused: Duration) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// What answers the queries of code with a certain schema.
#[derive(Clone)]
pub enum Answering {
    /// The table of that schema.
    Itself,
    /// Older rows with the same columns: another table until the one of that schema has caught up once,
    /// or the same one as long as it may have passed by an event that it follows since.
    Older(Arc<dyn ViewReader>),
    /// Nothing, until the table of that schema has caught up once.
    Nothing,
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Answering::Itself => "Itself",
            Answering::Older(_) => "Older",
            Answering::Nothing => "Nothing",
        })
    }
}

/// What came of a swap.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SwapOutcome {
    /// The table answers.
    Swapped,
    /// The one that answers has come further, namely to here.
    Behind(Checkpoint),
    /// The one that answers must see these events, which this one has not followed: newer code is at work.
    Lacks {
        /// Their stored names.
        events: Vec<String>,
    },
    /// Another worker has taken the lease.
    Fenced,
}

/// What came of the wish to build a view anew.
#[derive(Clone)]
#[non_exhaustive]
pub enum BuildOutcome {
    /// An empty table and its lease.
    Held {
        /// The table to fill and to swap in.
        table: Arc<dyn ViewTable>,
        /// Its lease.
        claim: Claim,
    },
    /// Another worker is at it.
    HeldBy(Building),
}

impl std::fmt::Debug for BuildOutcome {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BuildOutcome::Held { claim, .. } => formatter.debug_tuple("Held").field(claim).finish(),
            BuildOutcome::HeldBy(building) => {
                formatter.debug_tuple("HeldBy").field(building).finish()
            }
        }
    }
}

/// A view that is built anew by some worker.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Building {
    /// The worker; `None` when it has given up.
    pub holder: Option<Uuid>,
    /// When its lease expires unless it is renewed, by this machine's clock.
    pub until: DateTime<Utc>,
    /// How far it has come.
    pub checkpoint: Checkpoint,
}

impl Building {
    /// Somebody is at it, or was.
    pub fn new(holder: Option<Uuid>, until: DateTime<Utc>, checkpoint: Checkpoint) -> Self {
        Self {
            holder,
            until,
            checkpoint,
        }
    }

    /// Whether a worker is at it at this moment.
    pub fn is_held(&self, now: DateTime<Utc>) -> bool {
        self.holder.is_some() && self.until > now
    }
}

//! ⑥ Checkpoints and leases: how far a view has followed the log, and who may move it on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::stream::Position;

/// How far a view has followed which log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Checkpoint {
    /// The identity of the log; `None` before the first page.
    pub log_id: Option<Uuid>,
    /// Every event up to here is in the view, or does not concern it.
    pub position: Position,
    /// The last event at or below the position that the worker saw: it must still be in the log.
    pub event: Option<EventMark>,
}

/// An event by which a checkpoint recognises its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventMark {
    /// Where the event stood.
    pub position: Position,
    /// The event's id.
    pub id: Uuid,
}

impl Checkpoint {
    /// At this position of this log.
    pub fn new(log_id: Uuid, position: Position, event: Option<EventMark>) -> Self {
        Self {
            log_id: Some(log_id),
            position,
            event,
        }
    }
}

/// The right to write a view, until another worker takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// Grows with every takeover; a write under an older epoch is refused.
    pub epoch: u64,
    /// Who holds it.
    pub holder: Uuid,
    /// How long it lasts after each claim and each page.
    pub lease: Duration,
}

impl Claim {
    /// The claim of `holder` under `epoch`.
    pub fn new(epoch: u64, holder: Uuid, lease: Duration) -> Self {
        Self {
            epoch,
            holder,
            lease,
        }
    }
}

/// A worker that wants to write a view.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClaimRequest<'a> {
    /// The worker.
    pub holder: Uuid,
    /// How long the lease shall last without being renewed.
    pub lease: Duration,
    /// Where a view that has no checkpoint yet begins.
    pub initial: &'a Checkpoint,
    /// The stored names of the events that the worker follows.
    pub events: &'a [&'a str],
}

impl<'a> ClaimRequest<'a> {
    /// A request of `holder` for `lease`; a new view begins at `initial`.
    pub fn new(holder: Uuid, lease: Duration, initial: &'a Checkpoint) -> Self {
        Self {
            holder,
            lease,
            initial,
            events: &[],
        }
    }

    /// The same request of a worker that follows these events.
    #[must_use]
    pub fn following(mut self, events: &'a [&'a str]) -> Self {
        self.events = events;
        self
    }
}

/// What came of a request for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimOutcome {
    /// The lease is held; the view stands at the checkpoint.
    Held {
        /// The lease.
        claim: Claim,
        /// Where the view stands.
        checkpoint: Checkpoint,
    },
    /// Another worker holds it until then, unless it renews it.
    HeldBy {
        /// The other worker.
        holder: Uuid,
        /// When its lease expires.
        until: DateTime<Utc>,
    },
    /// The view must see these events, which the worker does not follow: newer code is at work.
    Lacks {
        /// Their stored names.
        events: Vec<String>,
    },
}

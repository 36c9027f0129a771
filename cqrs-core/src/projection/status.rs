//! ⑦ Where a projection stands, for people and for metrics.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::RebuildProgress;
use crate::event::StoredEvent;
use crate::stream::{Position, StreamId};
use crate::view::Answering;

/// Where a projection stands on this node, or a subscription.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProjectionStatus {
    /// The name of the view or of the subscription.
    pub name: &'static str,
    /// What it is doing.
    pub state: ProjectionState,
    /// What answers the queries of this node.
    pub answered_by: AnsweredBy,
    /// How far the view is built, where it is built beside an older one on this node.
    pub rebuild: Option<RebuildProgress>,
    /// Every event up to here is in the view, or was handled, or is held behind a dead letter.
    pub position: Position,
    /// Where the log ends, as this node knows.
    pub head: Position,
    /// Events projected by this node since it started.
    pub events: u64,
    /// Updates that found no row and were skipped, since this node started.
    pub skipped: u64,
    /// How many dead letters wait to be retried or discarded, whichever node they failed on.
    pub dead_letters: u64,
    /// The last trouble, also after it is over.
    pub last_error: Option<Arc<str>>,
    /// Where each partition stands; empty where the view is not divided. What stands above is that of
    /// the slowest of them, or of the one in the worst trouble.
    pub partitions: Vec<PartitionStatus>,
}

/// Where one partition of a view stands on this node.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PartitionStatus {
    /// What its worker is doing.
    pub state: ProjectionState,
    /// Every event up to here is in the rows of the partition, or is held behind a dead letter.
    pub position: Position,
    /// How many dead letters wait. An event that cannot be read is one in every partition.
    pub dead_letters: u64,
    /// The last trouble, also after it is over.
    pub last_error: Option<Arc<str>>,
}

impl From<ProjectionStatus> for PartitionStatus {
    fn from(status: ProjectionStatus) -> Self {
        Self {
            state: status.state,
            position: status.position,
            dead_letters: status.dead_letters,
            last_error: status.last_error,
        }
    }
}

impl ProjectionStatus {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            state: ProjectionState::Starting,
            answered_by: AnsweredBy::View,
            rebuild: None,
            position: Position::START,
            head: Position::START,
            events: 0,
            skipped: 0,
            dead_letters: 0,
            last_error: None,
            partitions: Vec::new(),
        }
    }

    /// How many positions the view is behind the log.
    pub fn lag(&self) -> u64 {
        self.head.get().saturating_sub(self.position.get())
    }
}

/// What answers the queries of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The view as this program describes it.
    View,
    /// The view as it was before its version or its events changed, until the present one is built.
    OlderView,
    /// Nothing yet: its columns changed, and the view is not built.
    Nothing,
}

impl From<&Answering> for AnsweredBy {
    fn from(answering: &Answering) -> Self {
        match answering {
            Answering::Itself => AnsweredBy::View,
            Answering::Older(_) => AnsweredBy::OlderView,
            Answering::Nothing => AnsweredBy::Nothing,
        }
    }
}

/// What a projection or a subscription is doing on this node.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ProjectionState {
    /// It has not asked for the lease yet, or has just given it back for another node to take.
    Starting,
    /// Another worker holds the lease; this one takes over when it expires.
    Standby {
        /// The other worker.
        holder: Uuid,
        /// When its lease expires unless it is renewed.
        until: DateTime<Utc>,
    },
    /// Newer code lets the view follow events that the code of this node does not know. A node with that
    /// code feeds the view; this one stands by, and its reads go on. Events that were taken out of a
    /// projection on purpose need a higher `version`.
    Outdated {
        /// The stored names of those events.
        events: Vec<String>,
    },
    /// It reads events that were there before.
    CatchingUp,
    /// It has read everything and waits for more.
    Live,
    /// Something failed; it is tried again.
    Retrying {
        /// How often it was tried.
        attempt: usize,
        /// What failed.
        error: Arc<str>,
    },
    /// It gave up and stands still until the program is changed or started again, or the view rebuilt.
    Stopped(Arc<ProjectionFailure>),
    /// The application was shut down.
    ShutDown,
}

impl ProjectionState {
    /// Whether this node feeds the view, or the partition, as far as it knows.
    pub fn is_feeding(&self) -> bool {
        matches!(self, Self::CatchingUp | Self::Live | Self::Retrying { .. })
    }
}

/// What follows the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FollowerKind {
    /// A projection: it makes rows of the events.
    Projecting,
    /// A subscription: it hands them to a handler.
    Handling,
}

impl std::fmt::Display for FollowerKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            FollowerKind::Projecting => "projection",
            FollowerKind::Handling => "subscription",
        })
    }
}

/// Why a projection or a subscription stands still.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the {kind} `{projection}` has stopped{}: {reason}", at(.event))]
#[non_exhaustive]
pub struct ProjectionFailure {
    /// What stands still.
    pub kind: FollowerKind,
    /// Its name.
    pub projection: &'static str,
    /// The event that it could not project, if one is to blame.
    pub event: Option<FailedEvent>,
    /// What is wrong and what to do.
    pub reason: String,
}

/// An event that could not be projected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedEvent {
    /// Its place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its version in the stream.
    pub version: u64,
    /// Its stored name.
    pub name: String,
}

impl From<&StoredEvent> for FailedEvent {
    fn from(event: &StoredEvent) -> Self {
        Self {
            position: event.position,
            stream: event.stream.clone(),
            version: event.version,
            name: event.name.clone(),
        }
    }
}

fn at(event: &Option<FailedEvent>) -> String {
    match event {
        None => String::new(),
        Some(event) => format!(
            " at position {}, `{}`, event {} of `{}`",
            event.position, event.name, event.version, event.stream
        ),
    }
}

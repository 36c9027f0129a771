//! ③ Snapshots: states kept beside the events, so that a long stream need not be folded whole.
//!
//! A snapshot is a cache that outlives the process: it may be missing, old or of another shape, and
//! then the events are folded from the beginning. Nothing is ever decided on one that does not fit.

mod shape;

use std::num::NonZeroU64;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::BoxFuture;
use crate::aggregate::Aggregate;
use crate::event::Event;
use crate::fingerprint::fingerprint;
use crate::store::StoreError;
use crate::stream::StreamId;

/// When and how an aggregate's states are kept: `#[aggregate(snapshot_every = 100)]`.
#[derive(Debug)]
pub struct Snapshots<A> {
    every: NonZeroU64,
    version: u32,
    encode: fn(&A) -> serde_json::Result<String>,
    decode: fn(&str) -> serde_json::Result<A>,
    shape: fn() -> String,
}

/// A state that can be kept: one that serde can write and read.
#[diagnostic::on_unimplemented(
    message = "the states of `{Self}` cannot be kept as snapshots",
    label = "serde cannot write and read it",
    note = "write `#[derive(Serialize, Deserialize)]` above it, or leave out `snapshot_every`"
)]
pub trait SnapshotState: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<A: Serialize + DeserializeOwned> SnapshotState for A {}

impl<A: SnapshotState> Snapshots<A> {
    /// A snapshot each time that a stream has grown by so many events; `version` is raised by hand
    /// when `apply` changes in a way that no shape shows.
    pub const fn every(events: NonZeroU64, version: u32) -> Self {
        Self {
            every: events,
            version,
            encode: |state| serde_json::to_string(state),
            decode: |state| serde_json::from_str(state),
            shape: shape::of::<A>,
        }
    }
}

impl<A: Aggregate> Snapshots<A> {
    /// Whether a stream that grew from one version to another is due for a snapshot.
    pub(crate) fn is_due(&self, before: u64, after: u64) -> bool {
        before / self.every < after / self.every
    }

    /// A number that changes with all that a stored state rests on: the shape of the state with the
    /// types inside it, the events with their versions, and the version set by hand.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut text = format!("{}:{}:{}", A::CATEGORY, self.version, (self.shape)());
        for event in A::Event::TYPES {
            text.push_str(&format!(";{}@{}", event.name, event.version));
        }
        fingerprint(&text)
    }

    pub(crate) fn encode(&self, state: &A) -> serde_json::Result<String> {
        (self.encode)(state)
    }

    /// The state, if it reads back to the very text: a field that is new, gone or was filled in by
    /// a default does not.
    pub(crate) fn decode(&self, stored: &str) -> Option<A> {
        let state = (self.decode)(stored).ok()?;
        let again = (self.encode)(&state).ok()?;
        (again == stored).then_some(state)
    }
}

/// A state as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSnapshot {
    /// The version of the stream after whose event it was taken.
    pub version: u64,
    /// What the state rests on: one with another fingerprint is not read.
    pub fingerprint: u64,
    /// The state as JSON.
    pub state: String,
}

impl StoredSnapshot {
    /// The state of a stream after the event `version`.
    pub fn new(version: u64, fingerprint: u64, state: impl Into<String>) -> Self {
        Self {
            version,
            fingerprint,
            state: state.into(),
        }
    }

    /// Whether it takes the place of another: it is newer, or the other is of another shape.
    pub fn replaces(&self, kept: &Self) -> bool {
        self.fingerprint != kept.fingerprint || self.version > kept.version
    }
}

/// Keeps one snapshot a stream, in the database that holds its events.
pub trait SnapshotStore: Send + Sync + 'static {
    /// The stream's snapshot, if there is one with this fingerprint.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn load_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        fingerprint: u64,
    ) -> BoxFuture<'a, Result<Option<StoredSnapshot>, StoreError>>;

    /// Keeps the snapshot, if it [replaces](StoredSnapshot::replaces) the one that is there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn save_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        snapshot: &'a StoredSnapshot,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

//! ⑧ Dead letters beside a view's rows: what failed, what is held behind it, what was asked.
//!
//! The changes come with a page, in its transaction and under its lease: see
//! [`PageWrite::letters`](super::PageWrite). A *hold* is a key, as a text that the store does not read,
//! with the positions of the events that wait for it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::BoxFuture;
use crate::store::StoreError;
use crate::stream::{Position, StreamId};

/// An event that waits for a key: it is in no row of that key yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HeldEvent {
    /// Which hold.
    pub key: String,
    /// The event's place in the log.
    pub position: Position,
}

impl HeldEvent {
    /// The event at `position`, held for `key`.
    pub fn new(key: impl Into<String>, position: Position) -> Self {
        let key = key.into();
        Self { key, position }
    }
}

/// A key for which events are held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hold {
    /// The key.
    pub key: String,
    /// The first event that is held for it.
    pub first: Position,
    /// Whether that event is a dead letter; otherwise nothing of its own keeps the hold from being
    /// replayed.
    pub failed: bool,
}

impl Hold {
    /// The hold of `key`, whose first event stands at `first`.
    pub fn new(key: impl Into<String>, first: Position, failed: bool) -> Self {
        let key = key.into();
        Self { key, first, failed }
    }
}

/// A dead letter as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredLetter {
    /// For which key which event failed: it names the letter.
    pub event: HeldEvent,
    /// The event's stream.
    pub stream: StreamId,
    /// Its version in the stream.
    pub version: u64,
    /// Its stored name.
    pub name: String,
    /// Its id.
    pub event_id: Uuid,
    /// When it was stored.
    pub recorded_at: DateTime<Utc>,
    /// Why it failed the last time.
    pub reason: String,
    /// How often it was tried. Written for a letter that exists, the tries are added to those before.
    pub attempts: u64,
    /// Why it was given up, for a discarded letter; a page writes letters without it.
    pub discarded: Option<String>,
    /// How many events are held for its key behind it; of no meaning when it is written.
    pub behind: u64,
}

impl StoredLetter {
    /// The letter of an event of `stream`; what else is known is set field by field.
    pub fn new(event: HeldEvent, stream: StreamId, version: u64) -> Self {
        Self {
            event,
            stream,
            version,
            name: String::new(),
            event_id: Uuid::nil(),
            recorded_at: DateTime::UNIX_EPOCH,
            reason: String::new(),
            attempts: 0,
            discarded: None,
            behind: 0,
        }
    }
}

/// What a page changes among the dead letters, carried out in the order of the fields.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct LetterChanges {
    /// These events are held no longer, and where one was a dead letter that is gone.
    pub released: Vec<HeldEvent>,
    /// These letters are kept as discarded, for this reason, and their events held no longer.
    pub discarded: Vec<(HeldEvent, String)>,
    /// These events are held; one that is held already stays so.
    pub held: Vec<HeldEvent>,
    /// These events have failed; they are among the held ones.
    pub letters: Vec<StoredLetter>,
    /// What became of requests.
    pub answers: Vec<(Uuid, LetterOutcome)>,
}

impl LetterChanges {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.released.is_empty()
            && self.discarded.is_empty()
            && self.held.is_empty()
            && self.letters.is_empty()
            && self.answers.is_empty()
    }
}

/// Which letters to list, by position, then by key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LetterQuery {
    /// Those that wait to be retried or discarded.
    Waiting {
        /// Only those behind this one.
        after: Option<HeldEvent>,
        /// How many at the most.
        limit: usize,
    },
    /// Those that were discarded.
    Discarded {
        /// Only those behind this one.
        after: Option<HeldEvent>,
        /// How many at the most.
        limit: usize,
    },
    /// This one, in whatever state.
    One(HeldEvent),
}

/// What somebody wants done; the worker that holds the lease does it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LetterOrder {
    /// Try the letter again, and what is held behind it.
    Retry(HeldEvent),
    /// Try every letter again.
    RetryAll,
    /// Give the letter up, and go on with what is held behind it.
    Discard {
        /// The letter.
        letter: HeldEvent,
        /// Why.
        reason: String,
    },
}

/// What became of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LetterOutcome {
    /// Letters that are gone: their events succeeded, or were discarded.
    pub resolved: u64,
    /// Letters that failed again, also others that were held behind the ones asked for.
    pub failed: u64,
    /// Why the last of them failed.
    pub reason: Option<String>,
}

/// The dead letters of one view, read.
pub trait LetterReader: Send + Sync + 'static {
    /// Every key for which events are held, in any order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn holds(&self) -> BoxFuture<'_, Result<Vec<Hold>, StoreError>>;

    /// The first events that are held for a key, in order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn held<'a>(
        &'a self,
        key: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Position>, StoreError>>;

    /// Letters, by position, then by key.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn letters<'a>(
        &'a self,
        query: &'a LetterQuery,
    ) -> BoxFuture<'a, Result<Vec<StoredLetter>, StoreError>>;

    /// How many letters wait to be retried or discarded.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn letter_count(&self) -> BoxFuture<'_, Result<u64, StoreError>>;
}

/// What is asked of the worker that holds the lease, from any process.
///
/// A request is answered by a page: see [`LetterChanges::answers`]. An answer may be forgotten after an hour.
pub trait LetterRequests: Send + Sync + 'static {
    /// Stores a request.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn ask<'a>(&'a self, id: Uuid, order: &'a LetterOrder)
    -> BoxFuture<'a, Result<(), StoreError>>;

    /// The requests without an answer, in the order in which they were asked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn requests(&self) -> BoxFuture<'_, Result<Vec<(Uuid, LetterOrder)>, StoreError>>;

    /// What became of a request; `None` while nothing has.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn outcome(&self, id: Uuid) -> BoxFuture<'_, Result<Option<LetterOutcome>, StoreError>>;
}

/// The dead letters of one view.
pub trait LetterStore: LetterReader + LetterRequests {}

impl<T: LetterReader + LetterRequests> LetterStore for T {}

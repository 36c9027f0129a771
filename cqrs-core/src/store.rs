//! ⑤ Event stores: the contract, and the store in memory.
//!
//! A store is an append-only log in which every event belongs to one stream. Appends carry the
//! version that each stream must have; a log page and a stream are read in order.

mod append;
mod copy;
mod error;
mod group_commit;
mod mark;
mod memory;

pub use self::append::{
    Append, AppendError, Appended, AppendedStream, CommandKey, Conflict, InvalidAppend,
    MAX_METADATA_BYTES, MAX_PAYLOAD_BYTES, NewEvent, StreamWrite,
};
pub use self::copy::{CopiedLog, CopyLogError, copy_log};
pub use self::error::StoreError;
pub(crate) use self::error::{debug_as_text, full_text};
pub(crate) use self::group_commit::GroupCommit;
pub use self::mark::{LogMark, MarkHolder};
pub use self::memory::MemoryEventStore;

use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use uuid::Uuid;

use crate::BoxFuture;
use crate::checkpoint::EventMark;
use crate::event::StoredEvent;
use crate::snapshot::SnapshotStore;
use crate::stream::{Position, StreamId};
use crate::view::{MemoryViewStore, ViewStore};

/// A whole event store: what appends, what reads streams, what reads the log, what keeps snapshots.
pub trait EventStore: EventAppender + StreamReader + LogReader + SnapshotStore {}

impl<T: EventAppender + StreamReader + LogReader + SnapshotStore> EventStore for T {}

/// The write side of an event store.
pub trait EventAppender: Send + Sync + 'static {
    /// Appends a batch in order of arrival: each member as a whole or not at all.
    ///
    /// A member that conflicts, repeats a command or is invalid does so by itself; the answers
    /// stand in the order of the batch. The same command id on the same stream answers with what
    /// was appended the first time, before versions are looked at. One batch is one commit.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails; then no member is stored.
    fn append<'a>(
        &'a self,
        batch: &'a [Append],
    ) -> BoxFuture<'a, Result<Vec<Result<Appended, AppendError>>, StoreError>>;

    /// What the command appended to the stream, if it was appended before.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn find_command<'a>(
        &'a self,
        command_id: Uuid,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<Option<CommandRecord>, StoreError>>;

    /// Closes the connections that nobody uses, where the store has any: an application was shut down.
    /// Whatever is asked of it afterwards opens others.
    fn close_idle(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A command that was appended before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommandRecord {
    /// The command's name.
    pub name: String,
    /// The stream's version after it.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// How many events it appended to the stream.
    pub events: u64,
}

impl CommandRecord {
    /// The command `name` took its stream to `version` and the log to `position`.
    pub fn new(name: impl Into<String>, version: u64, position: Position, events: u64) -> Self {
        Self {
            name: name.into(),
            version,
            position,
            events,
        }
    }
}

/// Reads single streams, oldest event first.
pub trait StreamReader: Send + Sync + 'static {
    /// What a fold needs of the stream's events after a version, and no more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn load<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LoadedEvent>, StoreError>>;

    /// The stream's events after a version, with everything that is stored.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>>;

    /// The stream's version: 0 where it has no event.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn stream_version<'a>(&'a self, stream: &'a StreamId)
    -> BoxFuture<'a, Result<u64, StoreError>>;
}

/// An event reduced to what a fold needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedEvent {
    /// Its place in the stream.
    pub version: u64,
    /// The stored name.
    pub name: String,
    /// The version of the payload's shape.
    pub schema_version: u32,
    /// JSON: the variant's content alone.
    pub payload: String,
}

/// Reads the whole log in pages.
pub trait LogReader: Send + Sync + 'static {
    /// A page of the log.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn read_log<'a>(
        &'a self,
        request: &'a ReadLog,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>>;

    /// The log's identity and the highest position at or below which no event can appear any more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn head(&self) -> BoxFuture<'_, Result<LogHead, StoreError>>;

    /// The id of the event at a position: by it a checkpoint recognises its log.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn event_at(&self, position: Position) -> BoxFuture<'_, Result<Option<Uuid>, StoreError>>;

    /// What other processes say of their appends, where the store has a way to tell: a follower looks at
    /// the log at once instead of when it polls the next time.
    ///
    /// They are hints. One may be missing, come twice or be of an append of this process; a position that
    /// no log reaches asks for a look whatever was seen. A store has what it costs to hear them only while
    /// the stream is there. Without a way to tell, nothing ever comes.
    fn announcements(&self) -> Announcements<'_> {
        Box::pin(tokio_stream::pending())
    }

    /// Up to where the log is final and who holds that back, where its positions are drawn before they
    /// are committed; `None` in a store with one writer at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    fn mark(&self) -> BoxFuture<'_, Result<Option<LogMark>, StoreError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// Positions that a log is said to have come to. It does not end.
pub type Announcements<'a> = Pin<Box<dyn Stream<Item = Position> + Send + 'a>>;

/// Where a log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// The log's identity, made when it was created.
    pub log_id: Uuid,
    /// Every event at or below it is final.
    pub position: Position,
    /// The last event at or below it; `None` while the log is empty.
    pub event: Option<EventMark>,
}

/// Which page of the log to read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadLog {
    /// Events after this position …
    pub after: Position,
    /// … up to and including this one.
    pub up_to: Position,
    /// Only these stored names; `None` is every name.
    pub names: Option<Vec<&'static str>>,
    /// Only streams of these categories; `None` is every category.
    pub categories: Option<Vec<String>>,
    /// How many events at the most.
    pub limit: usize,
}

impl ReadLog {
    /// Up to `limit` events after one position and up to another; filters are set afterwards.
    pub fn between(after: Position, up_to: Position, limit: usize) -> Self {
        Self {
            after,
            up_to,
            names: None,
            categories: None,
            limit,
        }
    }
}

/// The stores that an application runs on.
#[derive(Clone)]
pub struct Stores {
    /// Where events are appended.
    pub events: Arc<dyn EventStore>,
    /// Where views live unless a projection says otherwise.
    pub views: Arc<dyn ViewStore>,
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Stores").finish_non_exhaustive()
    }
}

impl Stores {
    /// Events and views in memory: for unit tests and trials.
    pub fn memory() -> Self {
        Self {
            events: Arc::new(MemoryEventStore::default()),
            views: Arc::new(MemoryViewStore::default()),
        }
    }
}

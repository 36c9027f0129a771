//! ⑤ Appends: what is written in one atomic step, and what comes of it.

mod validate;

pub use self::validate::{InvalidAppend, MAX_METADATA_BYTES, MAX_PAYLOAD_BYTES};

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use crate::event::{EncodeError, EncodedEvent, Event};
use crate::metadata::Metadata;
use crate::stream::{Expected, Position, StreamId};

/// Events for one or several streams that are stored together or not at all.
///
/// # Example
///
/// ```
/// # use cqrs::doc::AccountEvent;
/// use cqrs::store::Append;
/// use cqrs::{Expected, StreamId};
///
/// let ada = StreamId::new("account", "ada")?;
/// let bob = StreamId::new("account", "bob")?;
/// let transfer = Append::new("transfer")
///     .events(ada, Expected::Exact(2), &[AccountEvent::Withdrawn { amount: 5 }])?
///     .events(bob, Expected::Any, &[AccountEvent::Deposited { amount: 5 }])?;
/// assert_eq!(transfer.writes.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Append {
    /// The command that decided on the events.
    pub command: CommandKey,
    /// The events, by stream.
    pub writes: Vec<StreamWrite>,
    /// Shared by all events of one business transaction.
    pub correlation_id: Uuid,
    /// The event or command that caused the command, if any.
    pub causation_id: Option<Uuid>,
    /// When it is stored; a store raises it to the time of the stream's previous event.
    pub recorded_at: DateTime<Utc>,
    /// What the caller attached.
    pub metadata: Metadata,
}

/// The id and name by which a command is recognised when it is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandKey {
    /// The command's id.
    pub id: Uuid,
    /// The command's name: the same id with another name is an error.
    pub name: Cow<'static, str>,
}

/// Events for one stream.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StreamWrite {
    /// The stream.
    pub stream: StreamId,
    /// The version that it must have.
    pub expected: Expected,
    /// The events, oldest first; at least one.
    pub events: Vec<NewEvent>,
}

impl StreamWrite {
    /// These events for this stream at the expected version.
    pub fn new(stream: StreamId, expected: Expected, events: Vec<NewEvent>) -> Self {
        Self {
            stream,
            expected,
            events,
        }
    }
}

/// An event on its way into the store.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewEvent {
    /// Its own id (UUID v7).
    pub id: Uuid,
    /// The stored name.
    pub name: Cow<'static, str>,
    /// The version of the payload's shape.
    pub schema_version: u32,
    /// JSON: the variant's content alone.
    pub payload: String,
    /// When it happened, if that is not when it is stored.
    pub occurred_at: Option<DateTime<Utc>>,
}

impl NewEvent {
    /// The event encoded, with a new id.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when serde cannot write the payload, or not read it back.
    pub fn encode<E: Event>(event: &E) -> Result<Self, EncodeError> {
        Ok(Self::encode_and_read_back(event)?.0)
    }

    /// The event encoded, and as everybody will read it from now on.
    ///
    /// What is appended stays, so a payload that serde writes and cannot read (a NaN becomes `null`)
    /// would make its stream unreadable for good.
    pub(crate) fn encode_and_read_back<E: Event>(event: &E) -> Result<(Self, E), EncodeError> {
        let event_type = event.event_type();
        let payload = event.encode()?;
        let encoded = EncodedEvent {
            name: event_type.name,
            schema_version: event_type.version,
            payload: &payload,
        };
        let read = match E::decode(encoded) {
            Ok(Some(read)) => read,
            Ok(None) => return Err(unreadable(event_type.name, "its name is not known")),
            Err(error) => return Err(unreadable(event_type.name, &error)),
        };
        let event = Self {
            id: Uuid::now_v7(),
            name: Cow::Borrowed(event_type.name),
            schema_version: event_type.version,
            payload,
            occurred_at: None,
        };
        Ok((event, read))
    }
}

impl Append {
    /// An append of the command `name` with new ids, at the present time, without events yet.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let id = Uuid::now_v7();
        Self {
            command: CommandKey {
                id,
                name: name.into(),
            },
            writes: Vec::new(),
            correlation_id: id,
            causation_id: None,
            recorded_at: crate::time::now(),
            metadata: Metadata::default(),
        }
    }

    /// The command's id: the same append sent twice is stored once.
    #[must_use]
    pub fn with_id(mut self, id: Uuid) -> Self {
        self.command.id = id;
        self
    }

    /// What the caller attaches.
    #[must_use]
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Adds events for a stream.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when serde cannot write a payload.
    pub fn events<E: Event>(
        mut self,
        stream: StreamId,
        expected: Expected,
        events: &[E],
    ) -> Result<Self, EncodeError> {
        let events = events
            .iter()
            .map(NewEvent::encode)
            .collect::<Result<_, _>>()?;
        self.writes.push(StreamWrite::new(stream, expected, events));
        Ok(self)
    }

    /// How many events it holds.
    pub fn event_count(&self) -> usize {
        self.writes.iter().map(|write| write.events.len()).sum()
    }
}

fn unreadable(name: &'static str, reason: impl std::fmt::Display) -> EncodeError {
    let reason = format!("what is written cannot be read back: {reason}");
    EncodeError {
        name,
        source: serde::ser::Error::custom(reason),
    }
}

/// What an append did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// The streams in the order of the append.
    pub streams: Vec<AppendedStream>,
    /// The position of the last event.
    pub position: Position,
    /// Whether the command was stored before and nothing was appended now.
    pub repeated: bool,
}

impl Appended {
    /// What an append to these streams did, up to this position.
    pub fn new(streams: Vec<AppendedStream>, position: Position, repeated: bool) -> Self {
        Self {
            streams,
            position,
            repeated,
        }
    }
}

/// What an append did to one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendedStream {
    /// The stream.
    pub stream: StreamId,
    /// Its version afterwards.
    pub version: u64,
    /// How many events were appended to it.
    pub events: u64,
}

/// Why an append was refused. Nothing of it is stored.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// A stream did not have the expected version.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The command id was used for another command.
    #[error(
        "the command id {id} was used for `{stored}` on `{stream}` and cannot be used for `{name}`; give every command an id of its own"
    )]
    CommandReused {
        /// The id.
        id: Uuid,
        /// The stream.
        stream: StreamId,
        /// The command that was stored under it.
        stored: String,
        /// The command that was refused.
        name: String,
    },
    /// The append is not one that a store can hold.
    #[error(transparent)]
    Invalid(#[from] InvalidAppend),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A stream did not have the expected version: somebody else appended meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("append to `{stream}`: expected {expected}, it has version {actual}")]
pub struct Conflict {
    /// The stream.
    pub stream: StreamId,
    /// The version that it should have had.
    pub expected: Expected,
    /// The version that it has.
    pub actual: u64,
}

crate::store::debug_as_text!(AppendError);

//! ⑤ Appends: what is written in one atomic step, and what comes of it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use crate::event::{EncodeError, EncodedEvent, Event};
use crate::metadata::Metadata;
use crate::stream::{Expected, InvalidStream, Position, StreamId};

/// The largest payload of an event: 1 MiB.
pub const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;

/// Stores count versions in 64 bits with sign; half of that leaves room to add to.
const MAX_VERSION: u64 = u64::MAX / 4;

/// The largest metadata of an append, which is stored with each of its events: 64 KiB.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;

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

    /// Refuses what no store can hold, so that all stores refuse the same.
    ///
    /// # Errors
    ///
    /// [`InvalidAppend`] for no events, a stream named twice, a payload above 1 MiB or with a NUL.
    pub fn validate(&self) -> Result<(), InvalidAppend> {
        if self.writes.is_empty() {
            return Err(InvalidAppend::NoEvents { stream: None });
        }
        self.validate_metadata()?;
        for (index, write) in self.writes.iter().enumerate() {
            let stream = &write.stream;
            if let Expected::Exact(version @ MAX_VERSION..) = write.expected {
                let stream = stream.clone();
                return Err(InvalidAppend::Version { stream, version });
            }
            if write.events.is_empty() {
                let stream = Some(stream.clone());
                return Err(InvalidAppend::NoEvents { stream });
            }
            if self.writes[..index]
                .iter()
                .any(|other| other.stream == *stream)
            {
                let stream = stream.clone();
                return Err(InvalidAppend::StreamTwice { stream });
            }
            for event in &write.events {
                event.validate(stream)?;
            }
        }
        Ok(())
    }

    fn validate_metadata(&self) -> Result<(), InvalidAppend> {
        if self.metadata.is_empty() {
            return Ok(());
        }
        let text = self.metadata.to_string();
        if text.len() > MAX_METADATA_BYTES {
            let bytes = text.len();
            return Err(InvalidAppend::MetadataTooLarge { bytes });
        }
        match holds_nul(&text) {
            true => Err(InvalidAppend::MetadataNul),
            false => Ok(()),
        }
    }

    /// How many events it holds.
    pub fn event_count(&self) -> usize {
        self.writes.iter().map(|write| write.events.len()).sum()
    }
}

impl NewEvent {
    fn validate(&self, stream: &StreamId) -> Result<(), InvalidAppend> {
        let (stream, name) = (stream.clone(), self.name.to_string());
        if self.payload.len() > MAX_PAYLOAD_BYTES {
            let bytes = self.payload.len();
            return Err(InvalidAppend::PayloadTooLarge {
                stream,
                name,
                bytes,
            });
        }
        // JSON writes NUL as an escape; Postgres stores it and then cannot read it as text.
        if self.payload.contains("\\u0000") && holds_nul(&self.payload) {
            return Err(InvalidAppend::Nul { stream, name });
        }
        Ok(())
    }
}

fn unreadable(name: &'static str, reason: impl std::fmt::Display) -> EncodeError {
    let reason = format!("what is written cannot be read back: {reason}");
    EncodeError {
        name,
        source: serde::ser::Error::custom(reason),
    }
}

/// Whether the escape is a real one: an even number of backslashes before it makes it plain text.
fn holds_nul(payload: &str) -> bool {
    payload.match_indices("u0000").any(|(at, _)| {
        let before = payload[..at].bytes().rev();
        before.take_while(|byte| *byte == b'\\').count() % 2 == 1
    })
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

/// An append that no store can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAppend {
    /// There is nothing to append.
    #[error("append{}: there is no event to append", .stream.as_ref().map(|s| format!(" to `{s}`")).unwrap_or_default())]
    NoEvents {
        /// The stream without events, if one is named.
        stream: Option<StreamId>,
    },
    /// A stream is named twice in one append.
    #[error("append to `{stream}`: the stream is named twice; put its events into one write")]
    StreamTwice {
        /// The stream.
        stream: StreamId,
    },
    /// A payload is above the limit.
    #[error(
        "append to `{stream}`: the payload of `{name}` has {bytes} bytes, above the limit of {MAX_PAYLOAD_BYTES}; store large content elsewhere and its address in the event"
    )]
    PayloadTooLarge {
        /// The stream.
        stream: StreamId,
        /// The event's stored name.
        name: String,
        /// The payload's size.
        bytes: usize,
    },
    /// A text in the payload holds a NUL character.
    #[error(
        "append to `{stream}`: a text in `{name}` holds a NUL character, which not every store can keep; take it out"
    )]
    Nul {
        /// The stream.
        stream: StreamId,
        /// The event's stored name.
        name: String,
    },
    /// The metadata is above the limit.
    #[error(
        "append: the metadata has {bytes} bytes, above the limit of {MAX_METADATA_BYTES}; it is stored with every event, keep it small"
    )]
    MetadataTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A text in the metadata holds a NUL character.
    #[error(
        "append: a text in the metadata holds a NUL character, which not every store can keep; take it out"
    )]
    MetadataNul,
    /// The expected version is one that no stream can have.
    #[error("append to `{stream}`: no stream can have version {version}")]
    Version {
        /// The stream.
        stream: StreamId,
        /// The version that was asked for.
        version: u64,
    },
    /// The stream's name is not one.
    #[error("append: {0}")]
    Stream(#[from] InvalidStream),
}

crate::store::debug_as_text!(AppendError);

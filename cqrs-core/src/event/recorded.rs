//! ④ Events with what the store knows about them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{DecodeError, EncodedEvent, Event};
use crate::metadata::Metadata;
use crate::stream::{Position, StreamId};

/// An event as the log holds it: everything that is stored, the payload still encoded.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StoredEvent {
    /// Where it stands in the whole log.
    pub position: Position,
    /// Its own id (UUID v7).
    pub id: Uuid,
    /// The stream that it belongs to.
    pub stream: StreamId,
    /// Its place in the stream, from 1.
    pub version: u64,
    /// The stored name, for example `account.opened`.
    pub name: String,
    /// The version of the payload's shape.
    pub schema_version: u32,
    /// JSON: the variant's content alone.
    pub payload: String,
    /// Shared by all events of one business transaction.
    pub correlation_id: Uuid,
    /// The event or command that caused the command, if any.
    pub causation_id: Option<Uuid>,
    /// The command that decided on it.
    pub command_id: Uuid,
    /// When it was stored (UTC, microseconds); never before the stream's previous event.
    pub recorded_at: DateTime<Utc>,
    /// When it happened: the same unless an importer said otherwise.
    pub occurred_at: DateTime<Utc>,
    /// What the caller attached to the command.
    pub metadata: Metadata,
}

impl StoredEvent {
    /// An event as a store reads it back; the rest is set field by field.
    pub fn new(position: Position, stream: StreamId, version: u64) -> Self {
        Self {
            position,
            id: Uuid::nil(),
            stream,
            version,
            name: String::new(),
            schema_version: 1,
            payload: String::new(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            command_id: Uuid::nil(),
            recorded_at: DateTime::UNIX_EPOCH,
            occurred_at: DateTime::UNIX_EPOCH,
            metadata: Metadata::default(),
        }
    }

    /// Name, version and payload: what decoding needs.
    pub fn encoded(&self) -> EncodedEvent<'_> {
        EncodedEvent {
            name: &self.name,
            schema_version: self.schema_version,
            payload: &self.payload,
        }
    }

    /// The event as `E`; `None` when its stored name is not one of that enum's.
    ///
    /// It is for whoever reads a log of many enums and skips what is not theirs. Where every event
    /// must be one of `E`, [`StoredEvent::read`] says which one is not.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the payload or the stream's id does not fit.
    pub fn decode<E: Event>(&self) -> Result<Option<Recorded<E>>, DecodeError> {
        let Some(data) = E::decode(self.encoded())? else {
            return Ok(None);
        };
        Ok(Some(Recorded {
            id: E::stream_id(self.stream.category(), self.stream.id())?,
            data,
            position: self.position,
            version: self.version,
            event_id: self.id,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            command_id: self.command_id,
            recorded_at: self.recorded_at,
            occurred_at: self.occurred_at,
            metadata: self.metadata.clone(),
        }))
    }

    /// The event as `E`, which it must be: a stored name that `E` does not know is an error.
    ///
    /// # Errors
    ///
    /// [`UnreadableEvent`], which says where the event stands and what may be done about it.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::{AccountCommand, AccountEvent};
    /// use cqrs::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = App::in_memory().await?;
    /// let open = AccountCommand::Open { id: "ada".into(), owner: "Ada".into() };
    /// let receipt = app.execute(open).await?;
    /// for stored in app.events().read_stream(&receipt.stream, 0, 100).await? {
    ///     let event = stored.read::<AccountEvent>()?;
    ///     println!("{}: {:?}", event.recorded_at, event.data);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn read<E: Event>(&self) -> Result<Recorded<E>, UnreadableEvent> {
        let event = self.decode::<E>();
        event
            .and_then(|event| event.ok_or_else(|| DecodeError::unknown(&self.name)))
            .map_err(|reason| UnreadableEvent::new(self, reason))
    }
}

/// A decoded event with what the store knows about it: what projections and policies see.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Recorded<E: Event> {
    /// The id of the aggregate that it happened to.
    pub id: E::Id,
    /// What happened.
    pub data: E,
    /// Where it stands in the whole log.
    pub position: Position,
    /// Its place in the aggregate's stream, from 1.
    pub version: u64,
    /// The event's own id (UUID v7).
    pub event_id: Uuid,
    /// Shared by all events of one business transaction.
    pub correlation_id: Uuid,
    /// The event or command that caused the command, if any.
    pub causation_id: Option<Uuid>,
    /// The command that decided on it.
    pub command_id: Uuid,
    /// When it was stored (UTC, microseconds).
    pub recorded_at: DateTime<Utc>,
    /// When it happened: the same unless an importer said otherwise.
    pub occurred_at: DateTime<Utc>,
    /// What the caller attached to the command.
    pub metadata: Metadata,
}

/// A stored event that this program cannot read, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {version} of `{stream}` at position {position}: {reason}")]
#[non_exhaustive]
pub struct UnreadableEvent {
    /// Its stream.
    pub stream: StreamId,
    /// Its version in the stream.
    pub version: u64,
    /// Its place in the log.
    pub position: Position,
    /// What is wrong and what to do.
    pub reason: Box<DecodeError>,
}

impl UnreadableEvent {
    pub(crate) fn new(event: &StoredEvent, reason: DecodeError) -> Self {
        Self {
            stream: event.stream.clone(),
            version: event.version,
            position: event.position,
            reason: Box::new(reason),
        }
    }
}

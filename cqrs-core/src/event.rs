//! ④ Events: past facts, and the form in which they are stored.

pub mod names;
pub mod payload;
mod recorded;

pub use self::recorded::{Recorded, StoredEvent, UnreadableEvent};

use crate::id::{Id, ParseIdError};

/// The name and the schema version under which an event is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EventType {
    /// The stored name, for example `account.opened`.
    pub name: &'static str,
    /// The version of the payload's shape, from 1.
    pub version: u32,
}

impl EventType {
    /// The event stored as `name` in the shape `version`.
    pub const fn new(name: &'static str, version: u32) -> Self {
        Self { name, version }
    }
}

/// An event as the log holds it, before it is decoded.
#[derive(Clone, Copy, Debug)]
pub struct EncodedEvent<'a> {
    /// The stored name.
    pub name: &'a str,
    /// The version of the payload's shape.
    pub schema_version: u32,
    /// The payload: JSON, the variant's content alone.
    pub payload: &'a str,
}

/// An enum of past facts, for example `Opened`, `Deposited`, `Withdrawn`.
///
/// Write `#[derive(Event, Serialize, Deserialize)]` and `#[event(prefix = "…", id = …)]` above the
/// enum. The stored payload is the variant's content alone, so renaming a variant in Rust changes
/// nothing in the store when its stored name is pinned.
///
/// # Example
///
/// ```
/// # use cqrs::doc::AccountEvent;
/// use cqrs::Event;
///
/// let event = AccountEvent::Deposited { amount: 5 };
/// assert_eq!(event.event_type().name, "account.deposited");
/// assert_eq!(event.encode().unwrap(), r#"{"amount":5}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event enum",
    label = "not an event enum",
    note = "write `#[derive(Event, Serialize, Deserialize)]` and `#[event(prefix = \"…\", id = …)]` above the enum"
)]
pub trait Event: Sized + Send + Sync + 'static {
    /// The id of the streams that hold it.
    type Id: Id;

    /// The category that the stored names begin with; `None` for an enum composed of others.
    const PREFIX: Option<&'static str>;

    /// Every stored name of this enum.
    const TYPES: &'static [EventType];

    /// The stored name and version of this event.
    fn event_type(&self) -> EventType;

    /// The id of the stream `category`, `id`.
    ///
    /// # Errors
    ///
    /// [`ParseIdError`] when the text is no id of this type.
    fn stream_id(category: &str, id: &str) -> Result<Self::Id, ParseIdError>;

    /// Writes the payload: JSON, the variant's content alone.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when serde cannot write it as JSON.
    fn encode(&self) -> Result<String, EncodeError>;

    /// Reads an event; `None` when its stored name is not one of this enum's.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the payload does not fit, or its version is not known.
    fn decode(event: EncodedEvent<'_>) -> Result<Option<Self>, DecodeError>;
}

/// An event that cannot be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("the event `{name}` cannot be written as JSON")]
pub struct EncodeError {
    /// The stored name.
    pub name: &'static str,
    /// What serde says.
    #[source]
    pub source: serde_json::Error,
}

/// A stored event that this program cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The payload does not have the shape that the code expects.
    #[error("the payload of `{name}` (schema version {schema_version}) cannot be read: {reason}")]
    Payload {
        /// The stored name.
        name: String,
        /// The stored version of the payload's shape.
        schema_version: u32,
        /// What serde or the upcaster says.
        reason: String,
    },
    /// The payload was written by a newer version of the code.
    #[error(
        "`{name}` is stored in schema version {stored}, this program knows versions up to {known}; run a newer build"
    )]
    NewerVersion {
        /// The stored name.
        name: String,
        /// The stored version.
        stored: u32,
        /// The version of this code.
        known: u32,
    },
    /// The payload is older than the code and no upcaster leads up to it.
    #[error(
        "`{name}` is stored in schema version {stored}, this program expects {known}; add `upcast({stored} = …)` to its attributes"
    )]
    MissingUpcaster {
        /// The stored name.
        name: String,
        /// The stored version.
        stored: u32,
        /// The version of this code.
        known: u32,
    },
    /// No variant of the enum has this stored name.
    #[error(
        "`{name}` is not an event of this program; add its variant back, say which variant it is now with `#[event(name = \"…\")]` or `#[event(alias = \"…\")]`, or run the newer build that wrote it"
    )]
    UnknownName {
        /// The stored name.
        name: String,
    },
    /// The stream's id is not an id of the event's type.
    #[error("the stream id cannot be read: {0}")]
    StreamId(#[from] ParseIdError),
}

impl DecodeError {
    pub(crate) fn unknown(name: &str) -> Self {
        let name = name.to_owned();
        DecodeError::UnknownName { name }
    }
}

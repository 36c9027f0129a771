//! ⑦ Dead letters: events that a projection or a subscription could not take, and what is held
//! behind them.

mod error;
mod handle;

pub use self::error::DeadLetterError;
pub(crate) use self::handle::event_at;
pub use self::handle::{DeadLetters, InspectedLetter};
pub use crate::view::LetterOutcome;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::event::StoredEvent;
use crate::stream::{Position, StreamId};
use crate::view::{ColumnKind, HeldEvent, StoredLetter, Value};

/// What becomes of an event that fails for good, after its retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnFailure {
    /// All stands still until the program is mended: nothing is ever out of order or left out.
    #[default]
    Stop,
    /// The event becomes a dead letter and everything else goes on; later events of its key are held
    /// behind it in order.
    DeadLetter,
}

/// What events are held for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HoldKey {
    /// The row of a view with this key, as text.
    Row(String),
    /// A stream: of a subscription, or of an event whose rows are not known since it cannot be read.
    Stream(StreamId),
}

/// Which dead letter: for which key, and which event. Its text, `17@row:ada`, reads back.
///
/// # Example
///
/// ```
/// use cqrs::projection::LetterId;
///
/// let id: LetterId = "17@row:ada".parse().unwrap();
/// assert_eq!((id.position.get(), id.to_string().as_str()), (17, "17@row:ada"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct LetterId {
    /// The event's place in the log.
    pub position: Position,
    /// The key for which it failed.
    pub key: HoldKey,
}

/// A text that names no dead letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no dead letter: expected a position and a key, as in `17@row:ada`")]
pub struct ParseLetterIdError {
    text: String,
}

/// An event that could not be taken, for one key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The projection or subscription.
    pub view: &'static str,
    /// For which key, and where the event stands in the log.
    pub id: LetterId,
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
    /// How often it was tried.
    pub attempts: u64,
    /// How many later events are held behind it.
    pub held_behind: u64,
    /// Why it was given up, where it was discarded.
    pub discarded: Option<String>,
}

const ROW: &str = "row:";
const STREAM: &str = "stream:";

impl fmt::Display for HoldKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HoldKey::Row(key) => write!(formatter, "{ROW}{key}"),
            HoldKey::Stream(stream) => write!(formatter, "{STREAM}{stream}"),
        }
    }
}

impl HoldKey {
    fn parse(text: &str) -> Option<Self> {
        if let Some(key) = text.strip_prefix(ROW) {
            return Some(HoldKey::Row(key.to_owned()));
        }
        let (category, id) = text.strip_prefix(STREAM)?.split_once('/')?;
        StreamId::new(category, id).ok().map(HoldKey::Stream)
    }

    /// Whether the text of a hold is that of a stream.
    pub(crate) fn is_stream(text: &str) -> bool {
        text.starts_with(STREAM)
    }

    pub(crate) fn of_stream(stream: &StreamId) -> String {
        format!("{STREAM}{stream}")
    }

    pub(crate) fn of_row(key: &Value) -> String {
        match key {
            Value::Null => ROW.to_owned(),
            Value::Bool(key) => format!("{ROW}{key}"),
            Value::Integer(key) => format!("{ROW}{key}"),
            Value::Float(key) => format!("{ROW}{key}"),
            Value::Text(key) | Value::Json(key) => format!("{ROW}{key}"),
            Value::Uuid(key) => format!("{ROW}{}", key.hyphenated()),
            Value::Date(key) => format!("{ROW}{key}"),
            Value::Time(key) => format!("{ROW}{}", key.timestamp_micros()),
            Value::Decimal(key) => format!("{ROW}{key}"),
        }
    }

    /// The way back from [`HoldKey::of_row`].
    pub(crate) fn row(text: &str, kind: ColumnKind) -> Option<Value> {
        let key = text.strip_prefix(ROW)?;
        Some(match kind {
            ColumnKind::Bool => Value::Bool(key.parse().ok()?),
            ColumnKind::Integer => Value::Integer(key.parse().ok()?),
            ColumnKind::Float => Value::Float(key.parse().ok()?),
            ColumnKind::Text => Value::Text(key.to_owned()),
            ColumnKind::Json => Value::Json(key.to_owned()),
            ColumnKind::Uuid => Value::Uuid(key.parse().ok()?),
            ColumnKind::Date => Value::Date(key.parse().ok()?),
            ColumnKind::Time => Value::Time(DateTime::from_timestamp_micros(key.parse().ok()?)?),
            ColumnKind::Decimal => Value::Decimal(key.parse().ok()?),
        })
    }
}

impl fmt::Display for LetterId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.position, self.key)
    }
}

impl FromStr for LetterId {
    type Err = ParseLetterIdError;

    fn from_str(text: &str) -> Result<Self, ParseLetterIdError> {
        let parsed = text.split_once('@').and_then(|(position, key)| {
            let position = Position::new(position.parse().ok()?);
            let key = HoldKey::parse(key)?;
            Some(LetterId { position, key })
        });
        let text = text.to_owned();
        parsed.ok_or(ParseLetterIdError { text })
    }
}

impl LetterId {
    pub(crate) fn held(&self) -> HeldEvent {
        HeldEvent::new(self.key.to_string(), self.position)
    }
}

impl DeadLetter {
    fn new(view: &'static str, stored: StoredLetter) -> Self {
        let key = HoldKey::parse(&stored.event.key);
        let key = key.unwrap_or_else(|| HoldKey::Row(stored.event.key.clone()));
        let position = stored.event.position;
        Self {
            view,
            id: LetterId { position, key },
            stream: stored.stream,
            version: stored.version,
            name: stored.name,
            event_id: stored.event_id,
            recorded_at: stored.recorded_at,
            reason: stored.reason,
            attempts: stored.attempts,
            held_behind: stored.behind,
            discarded: stored.discarded,
        }
    }
}

/// The letter of an event that failed `attempts` times for a key.
pub(crate) fn letter(
    key: &str,
    event: &StoredEvent,
    reason: &str,
    attempts: usize,
) -> StoredLetter {
    let held = HeldEvent::new(key, event.position);
    let mut letter = StoredLetter::new(held, event.stream.clone(), event.version);
    letter.name = event.name.clone();
    letter.event_id = event.id;
    letter.recorded_at = event.recorded_at;
    letter.reason = reason.to_owned();
    letter.attempts = attempts as u64;
    letter
}

//! ⑤ Streams: their names, versions and places in the log.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in the whole log: 0 before the first event; it grows with every event, with gaps.
///
/// It is the token for read-your-writes: `app.wait_for::<Balance>(receipt.position)`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// Before the first event.
    pub const START: Position = Position(0);

    /// The position with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The name of a stream: a category (the kind of aggregate) and an id within it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    category: String,
    id: String,
}

/// The longest id of a stream, in bytes: what fits an index entry of every store.
pub const MAX_STREAM_ID_BYTES: usize = 512;

impl StreamId {
    /// The stream `id` of `category`.
    ///
    /// # Errors
    ///
    /// [`InvalidStream`] when the category is not 1 to 64 characters of `a-z`, `0-9` and `_`, or the
    /// id is empty, longer than 512 bytes or holds a control character.
    pub fn new(category: impl Into<String>, id: impl Into<String>) -> Result<Self, InvalidStream> {
        let (category, id) = (category.into(), id.into());
        match fault(&category, &id) {
            None => Ok(Self { category, id }),
            Some(reason) => Err(InvalidStream {
                category,
                id,
                reason,
            }),
        }
    }

    /// The kind of aggregate, for example `account`.
    pub fn category(&self) -> &str {
        &self.category
    }

    /// The id within the category.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.category, self.id)
    }
}

fn fault(category: &str, id: &str) -> Option<&'static str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if category.is_empty() || category.len() > 64 || !category.bytes().all(plain) {
        Some("a category is 1 to 64 characters of a-z, 0-9 and _")
    } else if id.is_empty() {
        Some("the id is empty")
    } else if id.len() > MAX_STREAM_ID_BYTES {
        Some("the id is longer than 512 bytes")
    } else if id.chars().any(char::is_control) {
        Some("the id holds a control character")
    } else {
        None
    }
}

/// A stream name that no store takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{category}/{}` is not a stream: {reason}", .id.escape_debug())]
pub struct InvalidStream {
    /// The category that was asked for.
    pub category: String,
    /// The id that was asked for.
    pub id: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The version that a stream must have for an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The stream must have no event yet.
    NoStream,
    /// The stream must have exactly this version.
    Exact(u64),
    /// Any version will do.
    Any,
}

impl Expected {
    /// Whether a stream of version `actual` is as expected.
    pub fn allows(self, actual: u64) -> bool {
        match self {
            Expected::NoStream => actual == 0,
            Expected::Exact(version) => actual == version,
            Expected::Any => true,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::NoStream => formatter.write_str("no stream"),
            Expected::Exact(version) => write!(formatter, "version {version}"),
            Expected::Any => formatter.write_str("any version"),
        }
    }
}

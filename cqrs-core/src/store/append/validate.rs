//! ⑤ What no store can hold, refused before any store sees it, so that all refuse the same.

use std::collections::HashSet;

use super::{Append, NewEvent};
use crate::stream::{Expected, InvalidStream, StreamId};

/// The largest payload of an event: 1 MiB.
pub const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;

/// Stores count versions in 64 bits with sign; half of that leaves room to add to.
const MAX_VERSION: u64 = u64::MAX / 4;

/// The largest metadata of an append, which is stored with each of its events: 64 KiB.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;

impl Append {
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
        let several = self.writes.len() > 1;
        let mut streams = HashSet::new();
        for write in &self.writes {
            let stream = &write.stream;
            if let Expected::Exact(version @ MAX_VERSION..) = write.expected {
                let stream = stream.clone();
                return Err(InvalidAppend::Version { stream, version });
            }
            if write.events.is_empty() {
                let stream = Some(stream.clone());
                return Err(InvalidAppend::NoEvents { stream });
            }
            if several && !streams.insert(stream) {
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
}

impl NewEvent {
    fn validate(&self, stream: &StreamId) -> Result<(), InvalidAppend> {
        let named = || (stream.clone(), self.name.to_string());
        if self.payload.len() > MAX_PAYLOAD_BYTES {
            let (stream, name) = named();
            let bytes = self.payload.len();
            return Err(InvalidAppend::PayloadTooLarge {
                stream,
                name,
                bytes,
            });
        }
        // JSON writes NUL as an escape; Postgres stores it and then cannot read it as text.
        if self.payload.contains("\\u0000") && holds_nul(&self.payload) {
            let (stream, name) = named();
            return Err(InvalidAppend::Nul { stream, name });
        }
        Ok(())
    }
}

/// Whether the escape is a real one: an even number of backslashes before it makes it plain text.
fn holds_nul(payload: &str) -> bool {
    payload.match_indices("u0000").any(|(at, _)| {
        let before = payload[..at].bytes().rev();
        before.take_while(|byte| *byte == b'\\').count() % 2 == 1
    })
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

//! ② Why a command was not executed.

use std::error::Error;

use uuid::Uuid;

use crate::event::{DecodeError, EncodeError, UnreadableEvent};
use crate::hook::HookError;
use crate::store::{AppendError, Conflict, InvalidAppend, StoreError};
use crate::stream::{InvalidStream, Position, StreamId};

/// Why a command was not executed. Nothing of it is stored.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError<R: Error + 'static> {
    /// The domain says no: the rejection of the aggregate's handler.
    #[error(transparent)]
    Rejected(R),
    /// The command creates its stream, which exists.
    #[error("`{command}` on `{stream}`: it exists already")]
    AlreadyExists {
        /// The command's name.
        command: &'static str,
        /// The stream.
        stream: StreamId,
    },
    /// The command needs its stream to exist.
    #[error("`{command}` on `{stream}`: it does not exist")]
    NotFound {
        /// The command's name.
        command: &'static str,
        /// The stream.
        stream: StreamId,
    },
    /// The stream has another version than the command asked for, or kept changing.
    #[error("`{command}` on `{}`: expected {}, it has version {}", .conflict.stream, .conflict.expected, .conflict.actual)]
    Conflict {
        /// The command's name.
        command: &'static str,
        /// The stream, the version it should have had and the one it has.
        conflict: Conflict,
    },
    /// The command's id was used for another command.
    #[error(
        "`{command}` on `{stream}`: its id {id} was used for `{stored}`; give every command an id of its own"
    )]
    CommandReused {
        /// The command's name.
        command: &'static str,
        /// The stream.
        stream: StreamId,
        /// The id.
        id: Uuid,
        /// The command that was stored under it.
        stored: String,
    },
    /// The command's id is not the name of a stream.
    #[error("`{command}`: {reason}")]
    Stream {
        /// The command's name.
        command: &'static str,
        /// What is wrong with the id.
        reason: InvalidStream,
    },
    /// A hook refused the command.
    #[error("`{command}` on `{stream}`: refused by a hook")]
    Refused {
        /// The command's name.
        command: &'static str,
        /// The stream.
        stream: StreamId,
        /// The hook's own error: see [`ExecuteError::refusal`].
        #[source]
        source: HookError,
    },
    /// A hook panicked before the command was decided on.
    #[error("`{command}` on `{stream}`: a hook panicked: {message}")]
    HookPanicked {
        /// The command's name.
        command: &'static str,
        /// The stream.
        stream: StreamId,
        /// The panic's message.
        message: String,
    },
    /// An event of the stream cannot be decoded.
    #[error("`{command}` on `{stream}`: event {version}{}: {reason}", at(.position))]
    Decode {
        /// The command's name.
        command: &'static str,
        /// The stream.
        stream: StreamId,
        /// The event's version.
        version: u64,
        /// Its place in the log, where that could be read.
        position: Option<Position>,
        /// Why.
        reason: Box<DecodeError>,
    },
    /// An event could not be written as JSON.
    #[error("`{command}` on `{stream}`")]
    Encode {
        /// The command's name.
        command: &'static str,
        /// The stream.
        stream: StreamId,
        /// Which event, and why.
        #[source]
        source: EncodeError,
    },
    /// The events are not such that a store can hold them.
    #[error("`{command}`: {reason}")]
    Invalid {
        /// The command's name.
        command: &'static str,
        /// Which event, and why.
        reason: InvalidAppend,
    },
    /// The database failed.
    #[error("`{command}` on `{stream}`")]
    Store {
        /// The command's name.
        command: &'static str,
        /// The stream.
        stream: StreamId,
        /// What the database says.
        #[source]
        source: StoreError,
    },
}

impl<R: Error + 'static> ExecuteError<R> {
    /// The domain's rejection, where that is what it is.
    pub fn rejection(&self) -> Option<&R> {
        match self {
            ExecuteError::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }

    /// A hook's refusal, where that is what it is and the hook's error is of type `E`.
    pub fn refusal<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            ExecuteError::Refused { source, .. } => source.downcast_ref(),
            _ => None,
        }
    }

    pub(super) fn from_load(command: &'static str, error: LoadError) -> Self {
        match error {
            LoadError::Stream(reason) => ExecuteError::Stream { command, reason },
            LoadError::Store { stream, source } => ExecuteError::Store {
                command,
                stream,
                source,
            },
            LoadError::Decode {
                stream,
                version,
                position,
                reason,
            } => ExecuteError::Decode {
                command,
                stream,
                version,
                position,
                reason,
            },
        }
    }

    pub(super) fn from_append(
        command: &'static str,
        stream: &StreamId,
        error: AppendError,
    ) -> Self {
        match error {
            AppendError::Conflict(conflict) => ExecuteError::Conflict { command, conflict },
            AppendError::CommandReused {
                id, stream, stored, ..
            } => ExecuteError::CommandReused {
                command,
                stream,
                id,
                stored,
            },
            AppendError::Invalid(reason) => ExecuteError::Invalid { command, reason },
            AppendError::Store(source) => ExecuteError::Store {
                command,
                stream: stream.clone(),
                source,
            },
        }
    }
}

/// Why an aggregate could not be read.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The id is not the name of a stream.
    #[error(transparent)]
    Stream(#[from] InvalidStream),
    /// The database failed.
    #[error("`{stream}` cannot be read")]
    Store {
        /// The stream.
        stream: StreamId,
        /// What the database says.
        #[source]
        source: StoreError,
    },
    /// An event of the stream cannot be decoded.
    #[error("event {version} of `{stream}`{}: {reason}", at(.position))]
    Decode {
        /// The stream.
        stream: StreamId,
        /// The event's version.
        version: u64,
        /// Its place in the log, where that could be read.
        position: Option<Position>,
        /// Why.
        reason: Box<DecodeError>,
    },
}

impl From<UnreadableEvent> for LoadError {
    fn from(event: UnreadableEvent) -> Self {
        LoadError::Decode {
            stream: event.stream,
            version: event.version,
            position: Some(event.position),
            reason: event.reason,
        }
    }
}

fn at(position: &Option<Position>) -> String {
    match position {
        Some(position) => format!(" at position {position}"),
        None => String::new(),
    }
}

crate::store::debug_as_text!(ExecuteError<R>, R);

crate::store::debug_as_text!(LoadError);

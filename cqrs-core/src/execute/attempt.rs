//! ② One command on its way: what stays the same at every try, and the answers it may get.

use uuid::Uuid;

use super::{ExecuteError, Options, Receipt};
use crate::aggregate::Aggregate;
use crate::command::{Command, Existence};
use crate::handler::Context;
use crate::store::{Append, Appended, CommandRecord, Conflict, NewEvent, StoreError, StreamWrite};
use crate::stream::{Expected, StreamId};

pub(super) type RejectionOf<C> = <<C as Command>::Aggregate as Aggregate>::Rejection;
pub(super) type EventOf<C> = <<C as Command>::Aggregate as Aggregate>::Event;
pub(super) type Outcome<C> = Result<Receipt, ExecuteError<RejectionOf<C>>>;

/// Events as they are stored, and as they read back.
pub(super) struct Encoded<C: Command> {
    pub(super) events: Vec<NewEvent>,
    pub(super) read_back: Vec<EventOf<C>>,
}

/// One command on its way, the same at every try.
pub(super) struct Attempt<C: Command> {
    pub(super) command: C,
    pub(super) name: &'static str,
    pub(super) stream: StreamId,
    pub(super) existence: Existence,
    pub(super) context: Context,
    pub(super) options: Options,
}

impl<C: Command> Attempt<C> {
    pub(super) fn new(command: C, options: Options) -> Result<Self, ExecuteError<RejectionOf<C>>> {
        let name = command.name();
        let stream = StreamId::new(C::Aggregate::CATEGORY, command.id().to_string());
        let stream = stream.map_err(|reason| ExecuteError::Stream {
            command: name,
            reason,
        })?;
        let command_id = options.command_id.unwrap_or_else(Uuid::now_v7);
        let context = Context {
            now: crate::time::now(),
            command_id,
            correlation_id: options.correlation_id.unwrap_or(command_id),
            causation_id: options.causation_id,
            version: 0,
            metadata: options.metadata.clone(),
        };
        Ok(Self {
            existence: command.existence(),
            command,
            name,
            stream,
            context,
            options,
        })
    }

    pub(super) fn creates_blindly(&self) -> bool {
        self.existence == Existence::Creates && self.options.version.is_none()
    }

    /// What the framework refuses before the domain is asked.
    pub(super) fn refusal(&self, version: u64) -> Option<ExecuteError<RejectionOf<C>>> {
        let (command, stream) = (self.name, self.stream.clone());
        match (self.options.version, self.existence) {
            (Some(expected), _) if expected != version => Some(ExecuteError::Conflict {
                command,
                conflict: Conflict {
                    stream,
                    expected: Expected::Exact(expected),
                    actual: version,
                },
            }),
            (_, Existence::Creates) if version > 0 => Some(self.already_exists()),
            (_, Existence::Exists) if version == 0 => {
                Some(ExecuteError::NotFound { command, stream })
            }
            _ => None,
        }
    }

    pub(super) fn encode(
        &self,
        events: &[EventOf<C>],
    ) -> Result<Encoded<C>, ExecuteError<RejectionOf<C>>> {
        let encoded = events.iter().map(|event| {
            let (mut event, read) = NewEvent::encode_and_read_back(event)?;
            event.occurred_at = self.options.occurred_at;
            Ok((event, read))
        });
        let encoded: Result<(Vec<_>, Vec<_>), _> = encoded.collect();
        match encoded {
            Ok((events, read_back)) => Ok(Encoded { events, read_back }),
            Err(source) => Err(ExecuteError::Encode {
                command: self.name,
                stream: self.stream.clone(),
                source,
            }),
        }
    }

    pub(super) fn append(&self, version: u64, events: Vec<NewEvent>) -> Append {
        let expected = match version {
            0 => Expected::NoStream,
            version => Expected::Exact(version),
        };
        let mut append = Append::new(self.name).with_id(self.context.command_id);
        append.correlation_id = self.context.correlation_id;
        append.causation_id = self.context.causation_id;
        append.recorded_at = self.context.now;
        append.metadata = self.context.metadata.clone();
        append
            .writes
            .push(StreamWrite::new(self.stream.clone(), expected, events));
        append
    }

    pub(super) fn receipt(&self, appended: Appended) -> Receipt {
        let stream = appended.streams.first();
        Receipt {
            stream: self.stream.clone(),
            version: stream.map_or(0, |stream| stream.version),
            position: appended.position,
            events: stream.map_or(0, |stream| stream.events),
            repeated: appended.repeated,
        }
    }

    pub(super) fn repeated(&self, record: CommandRecord) -> Outcome<C> {
        if record.name != self.name {
            return Err(ExecuteError::CommandReused {
                command: self.name,
                stream: self.stream.clone(),
                id: self.context.command_id,
                stored: record.name,
            });
        }
        Ok(Receipt {
            stream: self.stream.clone(),
            version: record.version,
            position: record.position,
            events: record.events,
            repeated: true,
        })
    }

    pub(super) fn already_exists(&self) -> ExecuteError<RejectionOf<C>> {
        ExecuteError::AlreadyExists {
            command: self.name,
            stream: self.stream.clone(),
        }
    }

    pub(super) fn store_error(&self, source: StoreError) -> ExecuteError<RejectionOf<C>> {
        ExecuteError::Store {
            command: self.name,
            stream: self.stream.clone(),
            source,
        }
    }
}

//! ② What a hook learns of a command, and may add to it.

use std::any::Any;

use serde_json::Value;
use uuid::Uuid;

use crate::command::Command;
use crate::handler::Context;
use crate::metadata::Metadata;
use crate::stream::StreamId;

/// A command as hooks see it.
pub struct CommandContext<'c> {
    name: &'static str,
    stream: &'c StreamId,
    command: &'c (dyn Any + Send + Sync),
    context: Context,
}

impl<'c> CommandContext<'c> {
    pub(crate) fn new<C: Command>(command: &'c C, stream: &'c StreamId, context: Context) -> Self {
        Self {
            name: command.name(),
            stream,
            command,
            context,
        }
    }

    /// The command's name, for example `deposit`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The command's id: the caller's, or a new one.
    pub fn id(&self) -> Uuid {
        self.context.command_id
    }

    /// The stream that it goes to: the aggregate's category and id.
    pub fn stream(&self) -> &StreamId {
        self.stream
    }

    /// The id that all of one business transaction's commands and events share.
    pub fn correlation_id(&self) -> Uuid {
        self.context.correlation_id
    }

    /// The event or command that caused it, if any.
    pub fn causation_id(&self) -> Option<Uuid> {
        self.context.causation_id
    }

    /// What the caller and the hooks before this one attached.
    pub fn metadata(&self) -> &Metadata {
        &self.context.metadata
    }

    /// Attaches a value, replacing one of the same name: what a hook knows counts for more than
    /// what the caller said.
    pub fn add_metadata(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let metadata = std::mem::take(&mut self.context.metadata);
        self.context.metadata = metadata.with(name, value);
    }

    /// The command itself, where it is of type `C`.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::AccountCommand;
    /// use cqrs::hook::{CommandContext, HookError};
    ///
    /// fn validate(context: &CommandContext<'_>) -> Result<(), HookError> {
    ///     match context.command::<AccountCommand>() {
    ///         Some(AccountCommand::Deposit { amount: 0, .. }) => Err("nothing to deposit".into()),
    ///         _ => Ok(()),
    ///     }
    /// }
    /// # let _ = validate;
    /// ```
    pub fn command<C: Command>(&self) -> Option<&C> {
        self.command.downcast_ref()
    }
}

impl std::fmt::Debug for CommandContext<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("CommandContext")
            .field("name", &self.name)
            .field("stream", &self.stream)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

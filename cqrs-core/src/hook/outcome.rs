//! ② What a hook learns when a command is over.

use std::error::Error;
use std::time::Duration;

use crate::execute::{ExecuteError, Receipt};
use crate::store::Conflict;

/// How a command ended, and how long it took.
#[derive(Debug)]
#[non_exhaustive]
pub struct CommandOutcome<'a> {
    /// How it ended.
    pub result: CommandResult<'a>,
    /// The time since the first hook's `before`, with all tries and pauses after conflicts.
    pub duration: Duration,
}

/// How a command ended. An error is borrowed from what the caller gets.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum CommandResult<'a> {
    /// It was executed; a command that decided on no events too.
    Executed(&'a Receipt),
    /// The domain said no: the aggregate's own rejection, which can be downcast.
    Rejected(&'a (dyn Error + Send + Sync + 'static)),
    /// A hook said no: its own error, which can be downcast.
    Refused(&'a (dyn Error + Send + Sync + 'static)),
    /// The stream had another version than the command asked for, or kept changing.
    Conflict(&'a Conflict),
    /// Something else is wrong: the [`ExecuteError`] that the caller gets.
    Failed(&'a (dyn Error + Send + Sync + 'static)),
}

impl CommandResult<'_> {
    /// One word for a metric's label: `executed`, `rejected`, `refused`, `conflict` or `failed`.
    pub fn as_str(&self) -> &'static str {
        match self {
            CommandResult::Executed(_) => "executed",
            CommandResult::Rejected(_) => "rejected",
            CommandResult::Refused(_) => "refused",
            CommandResult::Conflict(_) => "conflict",
            CommandResult::Failed(_) => "failed",
        }
    }
}

impl<'a, R: Error + Send + Sync + 'static> From<&'a Result<Receipt, ExecuteError<R>>>
    for CommandResult<'a>
{
    fn from(outcome: &'a Result<Receipt, ExecuteError<R>>) -> Self {
        match outcome {
            Ok(receipt) => CommandResult::Executed(receipt),
            Err(ExecuteError::Rejected(rejection)) => CommandResult::Rejected(rejection),
            Err(ExecuteError::Refused { source, .. }) => CommandResult::Refused(source.as_ref()),
            Err(ExecuteError::Conflict { conflict, .. }) => CommandResult::Conflict(conflict),
            Err(error) => CommandResult::Failed(error),
        }
    }
}

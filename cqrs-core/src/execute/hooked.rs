//! ② A command with its hooks around it.

use std::time::Instant;

use super::attempt::{Attempt, Outcome};
use super::{ExecuteError, Executor};
use crate::command::Command;
use crate::hook::{CommandContext, CommandOutcome, CommandResult, Stopped};

impl Executor {
    pub(super) async fn execute_hooked<C: Command>(&self, mut attempt: Attempt<C>) -> Outcome<C> {
        let started = Instant::now();
        let (command, stream) = (attempt.command.clone(), attempt.stream.clone());
        let mut context = CommandContext::new(&command, &stream, attempt.context.clone());
        let (passed, stopped) = self.hooks.before(&mut context).await;
        let outcome = match stopped {
            None => {
                attempt.context.metadata = context.metadata().clone();
                self.try_until_done(attempt).await
            }
            Some(stopped) => Err(ExecuteError::stopped(attempt.name, attempt.stream, stopped)),
        };
        let told = CommandOutcome {
            result: CommandResult::from(&outcome),
            duration: started.elapsed(),
        };
        self.hooks.after(passed, &context, &told).await;
        outcome
    }
}

impl<R: std::error::Error + 'static> ExecuteError<R> {
    fn stopped(command: &'static str, stream: crate::stream::StreamId, stopped: Stopped) -> Self {
        match stopped {
            Stopped::Refused(source) => ExecuteError::Refused {
                command,
                stream,
                source,
            },
            Stopped::Panicked(message) => ExecuteError::HookPanicked {
                command,
                stream,
                message,
            },
        }
    }
}

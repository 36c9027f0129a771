//! ② The hooks of one application, and how they are run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use super::{CommandContext, CommandHook, CommandOutcome, HookError};
use crate::BoxFuture;

/// The hooks of an application, in the order of registration.
#[derive(Default)]
pub(crate) struct Hooks(Vec<Box<dyn CommandHook>>);

/// Why a command does not go on.
pub(crate) enum Stopped {
    Refused(HookError),
    Panicked(String),
}

impl Hooks {
    pub(crate) fn add(&mut self, hook: impl CommandHook) {
        self.0.push(Box::new(hook));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs `before` until a hook stops the command; says how many let it pass.
    pub(crate) async fn before(
        &self,
        command: &mut CommandContext<'_>,
    ) -> (usize, Option<Stopped>) {
        for (passed, hook) in self.0.iter().enumerate() {
            let stopped = match guarded(|| hook.before(command)).await {
                Ok(Ok(())) => continue,
                Ok(Err(refusal)) => Stopped::Refused(refusal),
                Err(message) => Stopped::Panicked(message),
            };
            return (passed, Some(stopped));
        }
        (self.0.len(), None)
    }

    /// Runs `after` on the hooks that let the command pass, the last one first.
    pub(crate) async fn after(
        &self,
        passed: usize,
        command: &CommandContext<'_>,
        outcome: &CommandOutcome<'_>,
    ) {
        for hook in self.0[..passed].iter().rev() {
            if let Err(message) = guarded(|| hook.after(command, outcome)).await {
                tracing::error!(message, "a hook panicked after the command was over");
            }
        }
    }
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Hooks").field(&self.0.len()).finish()
    }
}

/// Runs the user's code; a panic, in the call or in its future, is its message. The future is not
/// touched again after it, so nothing half-changed is seen.
async fn guarded<'a, T>(call: impl FnOnce() -> BoxFuture<'a, T>) -> Result<T, String> {
    let caught = |panic: Box<dyn std::any::Any + Send>| crate::panic::message(panic.as_ref());
    let future = catch_unwind(AssertUnwindSafe(call)).map_err(caught)?;
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(caught(panic))),
        }
    })
    .await
}

//! ② Hooks: what runs around every command, whatever its aggregate.

mod chain;
mod context;
mod outcome;

pub(crate) use self::chain::{Hooks, Stopped};
pub use self::context::CommandContext;
pub use self::outcome::{CommandOutcome, CommandResult};

use std::error::Error;
use std::sync::Arc;

use crate::BoxFuture;

/// Why a hook refuses a command: an error of any type, or a text.
///
/// It is the [source](Error::source) of [`ExecuteError::Refused`](crate::execute::ExecuteError),
/// and comes back in its own type from [`ExecuteError::refusal`](crate::execute::ExecuteError::refusal).
pub type HookError = Box<dyn Error + Send + Sync>;

/// Runs around every command of an application: authorises, validates, adds metadata, measures.
///
/// Hooks are registered with [`AppBuilder::hook`](crate::app::AppBuilder::hook). They wrap the
/// whole of `app.execute(…)`: `before` and `after` run once for a command, however often it is
/// decided again after a conflict. Each `before` runs in the order of registration until one
/// refuses; then `after` runs in the opposite order, on those hooks that had let the command pass.
/// So the hook that is registered first is the outermost, as with any middleware.
///
/// Both methods are asynchronous, since those who authorise ask a database or another service. A
/// hook that waits for nothing costs one allocation a call; an application without hooks pays
/// nothing.
///
/// A hook that panics fails the command, not the application. In `before` that is
/// [`ExecuteError::HookPanicked`](crate::execute::ExecuteError::HookPanicked) and nothing is
/// stored. When `after` runs the outcome is a fact, so a panic there is reported to `tracing` and the
/// caller gets the outcome.
///
/// # Example
///
/// ```
/// # use cqrs::doc::AccountCommand;
/// use cqrs::hook::{CommandContext, CommandHook, HookError};
/// use cqrs::prelude::*;
/// use cqrs::BoxFuture;
///
/// struct OnlyTellers;
///
/// impl CommandHook for OnlyTellers {
///     fn before<'a>(&'a self, command: &'a mut CommandContext<'_>) -> BoxFuture<'a, Result<(), HookError>> {
///         Box::pin(async move {
///             match command.metadata().get("role") {
///                 Some(role) if role == "teller" => Ok(()),
///                 _ => Err("only tellers may do this".into()),
///             }
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::in_memory().hook(OnlyTellers).await?;
/// let open = AccountCommand::Open { id: "ada".into(), owner: "Ada".into() };
/// let refused = app.execute(open).await.unwrap_err();
/// assert_eq!(refused.to_string(), "`open` on `account/ada`: refused by a hook");
/// # Ok(()) }
/// ```
pub trait CommandHook: Send + Sync + 'static {
    /// Runs before the command is decided on, and before anything is loaded.
    ///
    /// It may add to the metadata, which travels into the events and is seen by `handle`.
    ///
    /// # Errors
    ///
    /// Any error refuses the command; then nothing is stored.
    fn before<'a>(
        &'a self,
        command: &'a mut CommandContext<'_>,
    ) -> BoxFuture<'a, Result<(), HookError>> {
        let _ = command;
        Box::pin(std::future::ready(Ok(())))
    }

    /// Runs when the outcome is known: executed, rejected, refused by a later hook, or failed.
    ///
    /// The caller waits for it. It does not run for a command whose future is dropped before its
    /// end, as when a request times out, though the events may be stored.
    fn after<'a>(
        &'a self,
        command: &'a CommandContext<'_>,
        outcome: &'a CommandOutcome<'_>,
    ) -> BoxFuture<'a, ()> {
        let _ = (command, outcome);
        Box::pin(std::future::ready(()))
    }
}

/// A hook that the application shares with others, for example a counter that is read elsewhere.
impl<H: CommandHook + ?Sized> CommandHook for Arc<H> {
    fn before<'a>(
        &'a self,
        command: &'a mut CommandContext<'_>,
    ) -> BoxFuture<'a, Result<(), HookError>> {
        H::before(self, command)
    }

    fn after<'a>(
        &'a self,
        command: &'a CommandContext<'_>,
        outcome: &'a CommandOutcome<'_>,
    ) -> BoxFuture<'a, ()> {
        H::after(self, command, outcome)
    }
}

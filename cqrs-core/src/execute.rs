//! ② Executing a command: load, decide, append, and again on a conflict.

mod attempt;
mod cache;
mod error;
mod executor;
mod hooked;
mod load;
pub(crate) mod retry;
mod snapshots;

pub use self::error::{ExecuteError, LoadError};
pub(crate) use self::executor::Executor;
pub use self::load::{AsOf, HistoryEntry, Loaded};
pub use self::retry::RetryPolicy;

use std::future::IntoFuture;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::BoxFuture;
use crate::aggregate::Aggregate;
use crate::app::App;
use crate::command::Command;
use crate::metadata::Metadata;
use crate::stream::{Position, StreamId};

/// What came of a command: where its events stand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The aggregate's stream.
    pub stream: StreamId,
    /// The stream's version after the command.
    pub version: u64,
    /// The token for read-your-writes: a view that has come this far shows the command's effect.
    pub position: Position,
    /// How many events the command appended.
    pub events: u64,
    /// Whether the command had been executed before and nothing was appended now.
    pub repeated: bool,
}

/// A command about to be executed: awaited, after options where they are wanted.
///
/// # Example
///
/// ```
/// # use cqrs::doc::*;
/// use cqrs::prelude::*;
/// use cqrs::Metadata;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::in_memory().await?;
/// let open = AccountCommand::Open { id: "ada".into(), owner: "Ada".into() };
/// let receipt = app.execute(open).metadata(Metadata::default().with("user", "bob")).await?;
/// assert_eq!(receipt.version, 1);
///
/// let deposit = AccountCommand::Deposit { id: "ada".into(), amount: 5 };
/// let conflict = app.execute(deposit).at_version(7).await.unwrap_err();
/// assert_eq!(conflict.to_string(), "`deposit` on `account/ada`: expected version 7, it has version 1");
/// # Ok(()) }
/// ```
#[must_use = "a command does nothing until it is awaited"]
pub struct Execute<'a, C: Command> {
    app: &'a App,
    command: C,
    options: Options,
}

/// What a caller may say about a command besides the command itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) version: Option<u64>,
    pub(crate) command_id: Option<Uuid>,
    pub(crate) correlation_id: Option<Uuid>,
    pub(crate) causation_id: Option<Uuid>,
    pub(crate) occurred_at: Option<DateTime<Utc>>,
    pub(crate) metadata: Metadata,
}

impl<'a, C: Command> Execute<'a, C> {
    pub(crate) fn new(app: &'a App, command: C) -> Self {
        Self {
            app,
            command,
            options: Options::default(),
        }
    }

    /// Only if the aggregate has this version; a conflict is answered at once and never retried.
    pub fn at_version(mut self, version: u64) -> Self {
        self.options.version = Some(version);
        self
    }

    /// The command's id: sent again with the same id, it answers with the first receipt.
    pub fn with_id(mut self, id: Uuid) -> Self {
        self.options.command_id = Some(id);
        self
    }

    /// The id that all of one business transaction's commands and events share.
    pub fn correlation_id(mut self, id: Uuid) -> Self {
        self.options.correlation_id = Some(id);
        self
    }

    /// The event or command that caused this one.
    pub fn caused_by(mut self, id: Uuid) -> Self {
        self.options.causation_id = Some(id);
        self
    }

    /// When it happened, for what happened before it was recorded: an import, an offline device.
    pub fn occurred_at(mut self, at: DateTime<Utc>) -> Self {
        self.options.occurred_at = Some(at);
        self
    }

    /// What travels with the command into its events, for example the user's name.
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.options.metadata = metadata;
        self
    }
}

impl<'a, C: Command> IntoFuture for Execute<'a, C> {
    type Output = Result<Receipt, ExecuteError<<C::Aggregate as Aggregate>::Rejection>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let executor = self.app.executor();
        Box::pin(executor.execute(self.command, self.options))
    }
}

impl<C: Command> std::fmt::Debug for Execute<'_, C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Execute")
            .field("command", &self.command.name())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

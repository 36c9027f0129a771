//! ② Handlers: the pure decision of an aggregate on a command.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::aggregate::Aggregate;
use crate::metadata::Metadata;

/// What an aggregate decides: the events that happen, or the domain's "no".
pub type Decision<A> = Result<Vec<<A as Aggregate>::Event>, <A as Aggregate>::Rejection>;

/// Decides on a command of type `C`.
///
/// `handle` is pure and synchronous: it sees the state, the command and the [`Context`], and
/// answers with events or a rejection. It reads no clock, no store and no random numbers; what it
/// needs from elsewhere (a price, an exchange rate) the application puts into the command.
///
/// # Example
///
/// ```
/// # use cqrs::doc::{Account, AccountCommand, AccountEvent, NoFunds};
/// use cqrs::prelude::*;
///
/// let command = AccountCommand::Withdraw { id: "ada".into(), amount: 5 };
/// let decision = Account::default().handle(command, &Context::default());
/// assert_eq!(decision.unwrap_err().to_string(), "cannot withdraw 5 cents from a balance of 0");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no handler for the command `{C}`",
    label = "no handler for this command",
    note = "write `impl Handle<{C}> for {Self} {{ fn handle(&self, command: {C}, context: &Context) -> Decision<Self> {{ … }} }}`"
)]
pub trait Handle<C>: Aggregate {
    /// Decides: the events that happen, or the rejection.
    ///
    /// # Errors
    ///
    /// The domain's own rejection; the command then appends nothing.
    fn handle(&self, command: C, context: &Context) -> Decision<Self>;
}

/// What a decision may know besides state and command: time, ids, and who asks.
///
/// It is the same at every retry of one command, so a decision that is taken again after a
/// conflict sees the same time and draws the same ids.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// When the command was given (UTC).
    pub now: DateTime<Utc>,
    /// The id of this command, by which it is recognised when it is sent again.
    pub command_id: Uuid,
    /// The id that all of one business transaction's commands and events share.
    pub correlation_id: Uuid,
    /// The event or command that caused this command, if any.
    pub causation_id: Option<Uuid>,
    /// The version of the aggregate that is decided on: 0 before its first event.
    pub version: u64,
    /// What the caller attached, for example the user's name.
    pub metadata: Metadata,
}

impl Context {
    /// A new id for something the decision creates: the same for the same `index` at every retry.
    ///
    /// # Example
    ///
    /// ```
    /// let context = cqrs::Context::default();
    /// assert_eq!(context.new_id(0), context.new_id(0));
    /// assert_ne!(context.new_id(0), context.new_id(1));
    /// ```
    pub fn new_id(&self, index: u32) -> Uuid {
        Uuid::new_v5(&self.command_id, &index.to_be_bytes())
    }
}

impl Default for Context {
    /// The epoch and nil ids: for unit tests of a decision.
    fn default() -> Self {
        Self {
            now: DateTime::UNIX_EPOCH,
            command_id: Uuid::nil(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            version: 0,
            metadata: Metadata::default(),
        }
    }
}

/// `Err(rejection)` unless the condition holds: a rule as one line of a handler.
///
/// # Errors
///
/// The rejection, when the condition does not hold.
///
/// # Example
///
/// ```
/// use cqrs::ensure;
///
/// assert_eq!(ensure(1 + 1 == 2, "arithmetic is broken"), Ok(()));
/// assert_eq!(ensure(false, "no"), Err("no"));
/// ```
pub fn ensure<R>(condition: bool, rejection: R) -> Result<(), R> {
    if condition { Ok(()) } else { Err(rejection) }
}

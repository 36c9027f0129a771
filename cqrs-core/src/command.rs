//! ① Commands: orders to one aggregate.

mod json;

pub use self::json::{CommandJsonError, from_json, to_json};

use crate::aggregate::{Aggregate, IdOf};
use crate::handler::{Context, Decision};

/// Whether the stream of a command must exist before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existence {
    /// The stream must not exist: `creates(…)`.
    Creates,
    /// The stream must exist: what holds when nothing is said.
    Exists,
    /// Both are fine, `handle` decides: `may_create(…)`.
    Either,
}

/// An order to one aggregate, for example `Deposit { id, amount }`.
///
/// Write `#[derive(Command, Clone)]` and `#[command(aggregate = …)]` above an enum of commands,
/// above a struct, or above an enum whose tuple variants each hold a command struct. The derive
/// finds the id (the first field, or the one marked `#[command(id)]`) and asks for a
/// [`Handle`](crate::handler::Handle) on the aggregate.
///
/// # Example
///
/// ```
/// # use cqrs::doc::*;
/// use cqrs::prelude::*;
/// use cqrs::{Command, Existence};
///
/// let open = AccountCommand::Open { id: "ada".into(), owner: "Ada".into() };
/// assert_eq!(open.name(), "open");
/// assert_eq!(open.existence(), Existence::Creates);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "not a command",
    note = "write `#[derive(Command, Clone)]` and `#[command(aggregate = …)]` above it"
)]
pub trait Command: Clone + Send + Sync + 'static {
    /// The aggregate that decides on it.
    type Aggregate: Aggregate;

    /// The names of all commands of this type, in the order of the enum's variants.
    const NAMES: &'static [&'static str];

    /// Whether the payload is one of several variants, which is what the JSON form needs to know.
    const IS_ENUM: bool;

    /// The aggregate that it is sent to.
    fn id(&self) -> &IdOf<Self::Aggregate>;

    /// Whether the aggregate must exist.
    fn existence(&self) -> Existence;

    /// The command's name in snake case, for example `deposit`.
    fn name(&self) -> &'static str;

    /// Calls [`Handle::handle`](crate::handler::Handle::handle). The derive writes it and asks for
    /// `Handle` here, so that a missing one is one error, at the command, wherever it is executed.
    ///
    /// # Errors
    ///
    /// The domain's own rejection.
    #[doc(hidden)]
    fn decide(self, aggregate: &Self::Aggregate, context: &Context) -> Decision<Self::Aggregate>;
}

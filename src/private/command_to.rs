//! Hidden: asks that a variant holds a command to the same aggregate as its enum.

use super::{Aggregate, Command, Context, Decision, Existence, IdOf};

/// The commands of one aggregate, so that one message serves what is none and what is another's.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command to `{A}`",
    label = "not a command to `{A}`",
    note = "write `#[derive(Command, Clone)]` and `#[command(aggregate = {A})]` above `{Self}`"
)]
pub trait CommandTo<A: Aggregate>: Sized {
    /// [`Command::NAMES`].
    const NAMES: &'static [&'static str];

    /// [`Command::IS_ENUM`].
    const IS_ENUM: bool;

    /// [`Command::id`].
    fn id(&self) -> &IdOf<A>;

    /// [`Command::existence`].
    fn existence(&self) -> Existence;

    /// [`Command::name`].
    fn name(&self) -> &'static str;

    /// [`Command::decide`].
    ///
    /// # Errors
    ///
    /// The domain's own rejection.
    fn decide(self, aggregate: &A, context: &Context) -> Decision<A>;
}

#[diagnostic::do_not_recommend]
impl<A: Aggregate, C: Command<Aggregate = A>> CommandTo<A> for C {
    const NAMES: &'static [&'static str] = C::NAMES;
    const IS_ENUM: bool = C::IS_ENUM;

    fn id(&self) -> &IdOf<A> {
        Command::id(self)
    }

    fn existence(&self) -> Existence {
        Command::existence(self)
    }

    fn name(&self) -> &'static str {
        Command::name(self)
    }

    fn decide(self, aggregate: &A, context: &Context) -> Decision<A> {
        Command::decide(self, aggregate, context)
    }
}

//! Hidden: the one obligation for which a command needs a `Handle`.

use super::{Command, Context, Decision};

/// A command with its handler. `derive(Command)` asks for the `Handle` here and nowhere else, so
/// that a missing one is one error, and an enum that delegates to the command adds none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "not a command",
    note = "write `#[derive(Command, Clone)]` and `#[command(aggregate = …)]` above it"
)]
pub trait Decide: Command {
    fn decide(self, aggregate: &Self::Aggregate, context: &Context) -> Decision<Self::Aggregate>;
}

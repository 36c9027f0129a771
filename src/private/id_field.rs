//! Hidden: asks that a command's first field is the id of its aggregate.

/// Is implemented for `I` alone, so that any other type is an error with words of ours.
#[diagnostic::on_unimplemented(
    message = "the id of this command is of type `{I}`, not `{Self}`",
    label = "not the id: the id comes first, or mark it `#[command(id)]`"
)]
pub trait IdField<I> {
    /// The field itself.
    fn as_id(&self) -> &I;
}

#[diagnostic::do_not_recommend]
impl<I> IdField<I> for I {
    fn as_id(&self) -> &I {
        self
    }
}

//! ⑦ Projections: what events do to the rows of a view.

pub(crate) mod dead_letter;
mod fold;
mod options;
mod partition;
mod rebuild;
#[cfg(feature = "test")]
mod replay;
mod rows;
mod scope;
mod status;
pub(crate) mod worker;

pub use self::dead_letter::{
    DeadLetter, DeadLetterError, DeadLetters, HoldKey, InspectedLetter, LetterId, LetterOutcome,
    OnFailure, ParseLetterIdError,
};
pub use self::fold::FoldError;
pub use self::options::{ProjectionOptions, StartFrom};
pub(crate) use self::partition::Partition;
pub(crate) use self::rebuild::Source;
pub use self::rebuild::{Rebuild, RebuildError, RebuildProgress};
#[cfg(feature = "test")]
pub(crate) use self::replay::replay;
pub use self::rows::Rows;
pub use self::status::{
    AnsweredBy, FollowerKind, PartitionStatus, ProjectionFailure, ProjectionState, ProjectionStatus,
};
pub(crate) use self::worker::{Opened, RowWork, Signal, Worker, WorkerHandle, drop_unused};

use crate::event::{DecodeError, Event, EventType, Recorded, StoredEvent};
use crate::view::{ColumnError, Key, Row, Value, ViewSchema};

/// A row of a view: how it is stored and read.
///
/// It comes with `derive(Projection)`.
pub trait ViewRow: Sized + Send + Sync + 'static {
    /// The type of the key.
    type Key: Key;

    /// The shape of the view.
    fn schema() -> ViewSchema;

    /// The row's key.
    fn key(&self) -> &Self::Key;

    /// Calls `Clone::clone`. The derive writes it and asks for `Clone` here, so that a missing one is
    /// one error, at the row, wherever it is used.
    #[doc(hidden)]
    fn duplicate(&self) -> Self;

    /// The cell of one column.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] when the field holds what no store can.
    fn cell(&self, column: usize) -> Result<Value, ColumnError>;

    /// The row from its cells.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] when a cell does not fit its field.
    fn from_row(row: Row) -> Result<Self, ColumnError>;
}

/// A view that follows the log: its rows, and the events that change them.
///
/// Write `#[derive(Projection, Clone)]` and `#[projection(name = "…", events(…))]` above the struct
/// that is a row, and `impl Project<…>` for each of the event enums.
///
/// # Example
///
/// ```
/// # use cqrs::doc::Balance;
/// use cqrs::Projection;
///
/// assert_eq!(Balance::NAME, "balances");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection",
    label = "not a projection",
    note = "write `#[derive(Projection, Clone)]` and `#[projection(name = \"…\", events(…))]` above it"
)]
pub trait Projection: ViewRow {
    /// A decoded event of any of the enums that it follows.
    type Input: Send + Sync;

    /// The view's name, for example `balances`.
    const NAME: &'static str;

    /// The stored names that it follows, a list for each enum.
    const EVENTS: &'static [&'static [EventType]];

    /// Reads an event; `None` when it is not one of those.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the payload does not fit.
    fn decode(event: &StoredEvent) -> Result<Option<Self::Input>, DecodeError>;

    /// Hands the event to the `Project` of its enum.
    fn dispatch(input: &Self::Input, rows: &mut Rows<Self>);
}

/// What the events of one enum do to the rows of a view.
///
/// The runtime calls `project` twice for a page of events: first only to note which keys are
/// touched, then, with those rows loaded by one statement, to change them. So it must be pure: the
/// keys depend on the event alone, and the changes on the event and the row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` lists the events of `{E}` and does not say what they change",
    label = "`impl Project<{E}> for {Self}` is missing",
    note = "write `impl Project<{E}> for {Self} {{ fn project(event: &Recorded<{E}>, rows: &mut Rows<Self>) {{ match &event.data {{ … }} }} }}`, or take `{E}` out of `events(…)`"
)]
pub trait Project<E: Event>: Projection {
    /// Changes the rows that the event touches.
    fn project(event: &Recorded<E>, rows: &mut Rows<Self>);
}

/// A row that can be made from its key alone, which [`Rows::upsert`] needs.
///
/// The derive implements it where every other field has a `Default`.
#[diagnostic::on_unimplemented(
    message = "a row of `{Self}` cannot be made from its key alone",
    label = "not every other field has a default",
    note = "use `insert` with a whole row, or give every field but the key a `Default`"
)]
pub trait FromKey: Projection {
    /// The row with this key and defaults everywhere else.
    fn from_key(key: Self::Key) -> Self;
}

/// The default of a field, so that a missing one is named by the field's type.
#[diagnostic::on_unimplemented(
    message = "a row cannot be made from its key alone: a field of type `{Self}` has no default",
    label = "`{Self}` has no default",
    note = "use `rows.insert(…)` with a whole row, or give `{Self}` a `Default`"
)]
pub trait FieldDefault: Sized {
    /// The default.
    fn field_default() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> FieldDefault for T {
    fn field_default() -> Self {
        T::default()
    }
}

//! ③ Aggregates: the state that decisions are taken on.

use std::error::Error;

use crate::event::Event;
use crate::snapshot::Snapshots;

/// The id type of an aggregate: that of its events.
pub type IdOf<A> = <<A as Aggregate>::Event as Event>::Id;

/// The unit of consistency: a state made of the events of one stream.
///
/// Write `#[derive(Aggregate, Default)]` and `#[aggregate(event = …, rejection = …)]` above a
/// struct, or above an enum that is a state machine. The state before the first event is its
/// `Default`.
///
/// With `snapshot_every = 100` in the attribute, and serde's derives above the type, the state is
/// kept each time that a stream has grown by 100 events, and a cold load begins there. A snapshot
/// of another shape is ignored; where `apply` comes to mean something else while the shape stays,
/// write or raise `snapshot_version = 1`.
///
/// # Example
///
/// ```
/// # use cqrs::doc::Account;
/// use cqrs::Aggregate;
///
/// assert_eq!(Account::CATEGORY, "account");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "not an aggregate",
    note = "write `#[derive(Aggregate, Default)]` and `#[aggregate(event = …, rejection = …)]` above it"
)]
pub trait Aggregate: Sized + Send + Sync + 'static {
    /// The events of its stream.
    type Event: Event;
    /// The business "no" of its handlers.
    type Rejection: Error + Send + Sync + 'static;
    /// The category of its streams, for example `account`.
    const CATEGORY: &'static str;

    /// When and how its states are kept as snapshots; never, unless `snapshot_every = …` is set.
    fn snapshots() -> Option<Snapshots<Self>> {
        None
    }

    /// Calls [`Default::default`]. The derive writes it and asks for `Default` here, so that a missing
    /// one is one error, at the aggregate, wherever it is used.
    #[doc(hidden)]
    fn initial() -> Self;

    /// Calls [`Apply::apply`]. The derive writes it and asks for `Apply` here, so that a missing one
    /// is one error, at the aggregate, however many commands there are.
    #[doc(hidden)]
    fn fold(&mut self, event: Self::Event);
}

/// How an event changes the state: the fold.
///
/// `apply` cannot fail and decides nothing, since the event has happened.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how its events change it",
    label = "`impl Apply for {Self}` is missing",
    note = "write `impl Apply for {Self} {{ fn apply(&mut self, event: …) {{ match event {{ … }} }} }}`"
)]
pub trait Apply: Aggregate {
    /// Changes the state to what it is after the event.
    fn apply(&mut self, event: Self::Event);
}

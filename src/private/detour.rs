//! Hidden: what generated code asks of a type through another trait, whose bound implies it, so that
//! a missing derive is one error and not two.

use std::num::NonZeroU64;

use cqrs_core::snapshot::SnapshotState;

use super::{Aggregate, Event, Id, ParseIdError, Snapshots, category};

/// The event's id from its text.
///
/// # Errors
///
/// What the id's `parse` says.
pub fn parse_id<E: Event>(text: &str) -> Result<E::Id, ParseIdError> {
    E::Id::parse(text)
}

/// The category of an aggregate: the prefix of its events.
///
/// # Panics
///
/// When the events are composed and have none; in a constant this is an error at the caller's token.
#[track_caller]
pub const fn category_of<A: Aggregate>() -> &'static str {
    category(<A::Event as Event>::PREFIX)
}

/// The policy of an aggregate that keeps snapshots.
pub const fn snapshots<A: SnapshotState>(every: u64, version: u32) -> Option<Snapshots<A>> {
    match NonZeroU64::new(every) {
        Some(events) => Some(Snapshots::every(events, version)),
        None => None,
    }
}

//! Hidden: what generated code asks of a type through another trait, whose bound implies it, so that
//! a missing derive is one error and not two.

use super::{Aggregate, Event, Id, ParseIdError, category};

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

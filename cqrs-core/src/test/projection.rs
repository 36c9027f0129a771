//! Given events, then rows.

use std::collections::HashMap;
use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::difference::assert_same;
use crate::event::{Event, StoredEvent};
use crate::projection::{Projection, replay};
use crate::stream::{Position, StreamId};
use crate::view::ColumnError;

/// Begins a test of a projection with events of an aggregate; more can follow.
///
/// Positions count from 1, the clock begins at the epoch and moves on by a second with each event.
///
/// # Example
///
/// ```
/// # use cqrs::doc::{AccountEvent::*, Balance};
/// use cqrs::test::given_events;
///
/// given_events("ada", [Opened { owner: "Ada".into() }, Deposited { amount: 5 }])
///     .and("bob", [Opened { owner: "Bob".into() }])
///     .then_rows([
///         Balance { account: "ada".into(), owner: "Ada".into(), balance: 5 },
///         Balance { account: "bob".into(), owner: "Bob".into(), balance: 0 },
///     ]);
/// ```
pub fn given_events<E: Event>(id: &str, events: impl IntoIterator<Item = E>) -> GivenEvents {
    GivenEvents::default().and(id, events)
}

/// A log of events.
#[derive(Debug, Default, Clone)]
#[must_use = "a scenario checks nothing before `then_rows`"]
pub struct GivenEvents {
    events: Vec<StoredEvent>,
    versions: HashMap<StreamId, u64>,
    occurred_at: Option<DateTime<Utc>>,
}

impl GivenEvents {
    /// The events after it happened at this time.
    pub fn at(mut self, occurred_at: DateTime<Utc>) -> Self {
        self.occurred_at = Some(occurred_at);
        self
    }

    /// Then these events of the aggregate `id`.
    ///
    /// # Panics
    ///
    /// When the id is not a stream's, or an event cannot be written as JSON.
    #[track_caller]
    pub fn and<E: Event>(mut self, id: &str, events: impl IntoIterator<Item = E>) -> Self {
        for event in events {
            let stored = self.stored(id, &event);
            self.events.push(stored);
        }
        self
    }

    #[track_caller]
    fn stored<E: Event>(&mut self, id: &str, event: &E) -> StoredEvent {
        let event_type = event.event_type();
        let category = event_type.name.split('.').next().unwrap_or_default();
        let stream = match StreamId::new(category, id) {
            Ok(stream) => stream,
            Err(error) => panic!("{error}"),
        };
        let payload = match event.encode() {
            Ok(payload) => payload,
            Err(error) => panic!("{error}: {}", error.source),
        };
        let version = self.versions.entry(stream.clone()).or_default();
        *version += 1;
        let number = self.events.len() as u64 + 1;
        let seconds = i64::try_from(number).unwrap_or(i64::MAX);
        let recorded_at = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        StoredEvent {
            id: Uuid::from_u128(u128::from(number)),
            name: event_type.name.to_owned(),
            schema_version: event_type.version,
            payload,
            recorded_at,
            occurred_at: self.occurred_at.unwrap_or(recorded_at),
            ..StoredEvent::new(Position::new(number), stream, *version)
        }
    }

    /// The view has these rows, in the order of their keys, and no others.
    ///
    /// # Panics
    ///
    /// When the rows differ, with the difference; when an event cannot be projected.
    #[track_caller]
    pub fn then_rows<P: Projection + Debug>(&self, expected: impl IntoIterator<Item = P>) {
        let expected: Result<Vec<P>, _> = expected.into_iter().map(as_stored).collect();
        let mut expected = match expected {
            Ok(expected) => expected,
            Err(error) => panic!("an expected row cannot be stored: {error}"),
        };
        expected.sort_by(|left, right| left.key().cmp(right.key()));
        let found = match replay::<P>(&self.events) {
            Ok(found) => found,
            Err(error) => panic!("an event cannot be projected: {error}"),
        };
        assert_same("rows", &format!("{expected:#?}"), &format!("{found:#?}"));
    }
}

/// The row as it reads back from a store, for example with decimals in their column's scale.
fn as_stored<P: Projection>(row: P) -> Result<P, ColumnError> {
    let schema = P::schema();
    let cells = (0..schema.columns.len()).map(|column| row.cell(column));
    P::from_row(schema.admit(cells.collect::<Result<_, _>>()?)?)
}

//! Given events, then rows.

use std::collections::HashMap;
use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::difference::assert_same;
use crate::event::{Event, StoredEvent};
use crate::projection::{Projection, replay};
use crate::query::Searchable;
use crate::stream::{Position, StreamId};
use crate::view::{ColumnError, Row, ViewSearch, ranked};

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
        let found = self.replayed::<P>();
        assert_same("rows", &format!("{expected:#?}"), &format!("{found:#?}"));
    }

    /// A search in the view finds the rows with these keys, best first, and no others.
    ///
    /// # Panics
    ///
    /// When the hits differ, with the difference; when an event cannot be projected.
    ///
    /// # Example
    ///
    /// ```
    /// use cqrs::doc::{AccountEvent, AccountId};
    /// use cqrs::prelude::*;
    /// use cqrs::test::given_events;
    ///
    /// #[derive(Projection, Clone)]
    /// #[projection(name = "owners", events(AccountEvent), full_text(name))]
    /// struct Owner {
    ///     account: AccountId,
    ///     name: String,
    /// }
    /// # impl Project<AccountEvent> for Owner {
    /// #     fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
    /// #         if let AccountEvent::Opened { owner } = &event.data {
    /// #             rows.upsert(&event.id, |row| row.name = owner.clone());
    /// #         }
    /// #     }
    /// # }
    ///
    /// given_events("ada", [AccountEvent::Opened { owner: "Ada Lovelace".into() }])
    ///     .and("bob", [AccountEvent::Opened { owner: "Bob".into() }])
    ///     .then_found::<Owner>("love*", ["ada".into()]);
    /// ```
    #[track_caller]
    pub fn then_found<P: Searchable>(
        &self,
        search: &str,
        expected: impl IntoIterator<Item = P::Key>,
    ) {
        let rows: Result<Vec<Row>, _> = self.replayed::<P>().into_iter().map(cells).collect();
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => panic!("a row cannot be stored: {error}"),
        };
        let phrases = ViewSearch::best(rows.len(), search).phrases;
        let (schema, rows) = (P::schema(), rows.iter().collect::<Vec<_>>());
        let hits = ranked(&rows, &schema.full_text, &phrases).into_iter();
        let found: Result<Vec<P>, _> = hits.cloned().map(P::from_row).collect();
        let found = found.unwrap_or_else(|error| panic!("a row cannot be read: {error}"));
        let found: Vec<&P::Key> = found.iter().map(P::key).collect();
        let expected: Vec<P::Key> = expected.into_iter().collect();
        assert_same("hits", &format!("{expected:#?}"), &format!("{found:#?}"));
    }

    #[track_caller]
    fn replayed<P: Projection>(&self) -> Vec<P> {
        match replay::<P>(&self.events) {
            Ok(found) => found,
            Err(error) => panic!("an event cannot be projected: {error}"),
        }
    }
}

/// The row as it reads back from a store, for example with decimals in their column's scale.
fn as_stored<P: Projection>(row: P) -> Result<P, ColumnError> {
    P::from_row(cells(row)?)
}

fn cells<P: Projection>(row: P) -> Result<Row, ColumnError> {
    let schema = P::schema();
    let cells = (0..schema.columns.len()).map(|column| row.cell(column));
    schema.admit(cells.collect::<Result<_, _>>()?)
}

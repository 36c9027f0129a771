//! What the tests share: a database of its own, events, and a raw connection to look at it.

#![allow(dead_code, clippy::unwrap_used)]

use cqrs_core::event::{DecodeError, EncodeError, EncodedEvent, Event, EventType};
use cqrs_core::id::{AnyId, ParseIdError};
use cqrs_core::store::{Append, NewEvent, StreamWrite};
use cqrs_core::stream::{Expected, StreamId};
use cqrs_postgres::Postgres;
use postgres_server::Database;

pub(crate) async fn open() -> (Postgres, Database) {
    let database = Database::create().await.unwrap();
    (Postgres::open(database.url()).await.unwrap(), database)
}

pub(crate) fn stream(id: &str) -> StreamId {
    StreamId::new("cart", id).unwrap()
}

pub(crate) fn append(id: &str, expected: Expected, events: usize) -> Append {
    let events = (0..events).map(|number| event(&format!(r#"{{"number":{number}}}"#)));
    let mut append = Append::new("add");
    let write = StreamWrite::new(stream(id), expected, events.collect());
    append.writes.push(write);
    append
}

/// An event of which only the payload matters.
struct Noted(String);

impl Event for Noted {
    type Id = AnyId;

    const PREFIX: Option<&'static str> = Some("cart");
    const TYPES: &'static [EventType] = &[EventType::new("cart.noted", 1)];

    fn event_type(&self) -> EventType {
        Self::TYPES[0]
    }

    fn stream_id(category: &str, id: &str) -> Result<AnyId, ParseIdError> {
        Ok(AnyId::new(category, id))
    }

    fn encode(&self) -> Result<String, EncodeError> {
        Ok(self.0.clone())
    }

    fn decode(event: EncodedEvent<'_>) -> Result<Option<Self>, DecodeError> {
        Ok(Some(Noted(event.payload.to_owned())))
    }
}

pub(crate) fn event(payload: &str) -> NewEvent {
    NewEvent::encode(&Noted(payload.to_owned())).unwrap()
}

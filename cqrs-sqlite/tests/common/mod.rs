//! What the tests share: a file in a folder of its own, events, and a raw connection to look at it.

#![allow(dead_code, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use cqrs_core::event::{DecodeError, EncodeError, EncodedEvent, Event, EventType};
use cqrs_core::id::{AnyId, ParseIdError};
use cqrs_core::store::{Append, NewEvent, StreamWrite};
use cqrs_core::stream::{Expected, StreamId};
use cqrs_sqlite::{Sqlite, SqliteConfig};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Executor, Row};
use tempfile::TempDir;

/// A folder and the path of a file in it that does not exist yet.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    (folder, path)
}

pub(crate) async fn open(path: &Path) -> Sqlite {
    Sqlite::open_with(SqliteConfig::new(path)).await.unwrap()
}

/// Past the framework, as another program would.
pub(crate) async fn raw(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    let options = options.busy_timeout(Duration::from_secs(30));
    options.create_if_missing(true).connect().await.unwrap()
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

/// The first value of the first row.
pub(crate) async fn number(connection: &mut SqliteConnection, sql: &'static str) -> i64 {
    let row = connection.fetch_one(sql).await.unwrap();
    row.get(0)
}

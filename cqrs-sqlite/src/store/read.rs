//! ⑤ Reading streams and the log.

use cqrs_core::checkpoint::EventMark;
use cqrs_core::event::StoredEvent;
use cqrs_core::store::{LoadedEvent, LogHead, ReadLog, StoreError};
use cqrs_core::stream::{Position, StreamId};
use sqlx::query;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Type, sqlite};
use uuid::Uuid;

use super::SqliteEventStore;
use super::row::{loaded_event, stored_event};
use crate::binds::{Statement, integer, number};
use crate::pack::{Malformed, Packed};
use crate::sql;

/// Events packed into one text: with payloads of 1 MiB it stays below SQLite's limit of 1 GB.
const CHUNK: usize = 512;

/// How the events of a stream are read page by page.
struct Pages<T> {
    operation: &'static str,
    sql: &'static str,
    unpack: fn(&mut Packed<'_>) -> Result<T, Malformed>,
    version: fn(&T) -> u64,
}

impl SqliteEventStore {
    pub(super) async fn load_stream(
        &self,
        stream: &StreamId,
        after_version: u64,
        limit: usize,
    ) -> Result<Vec<LoadedEvent>, StoreError> {
        let version = |event: &LoadedEvent| event.version;
        let pages = Pages {
            operation: "load",
            sql: sql::LOAD_STREAM,
            unpack: loaded_event,
            version,
        };
        let events = self
            .stream_pages(pages, stream, after_version, limit)
            .await?;
        for (expected, event) in (after_version + 1..).zip(&events) {
            if event.version != expected {
                let reason = format!("the stream `{stream}` lacks its event {expected}");
                return Err(self.database.place("load").damaged(reason));
            }
        }
        Ok(events)
    }

    pub(super) async fn stream_events(
        &self,
        stream: &StreamId,
        after_version: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let version = |event: &StoredEvent| event.version;
        let pages = Pages {
            operation: "read stream",
            sql: sql::READ_STREAM,
            unpack: stored_event,
            version,
        };
        self.stream_pages(pages, stream, after_version, limit).await
    }

    async fn stream_pages<T>(
        &self,
        pages: Pages<T>,
        stream: &StreamId,
        after_version: u64,
        limit: usize,
    ) -> Result<Vec<T>, StoreError> {
        let mut events: Vec<T> = Vec::new();
        loop {
            let after = events.last().map_or(after_version, pages.version);
            let wanted = CHUNK.min(limit - events.len());
            let statement = query(pages.sql)
                .bind(stream.category())
                .bind(stream.id())
                .bind(integer(after))
                .bind(integer(wanted as u64));
            let mut chunk = self
                .unpacked(pages.operation, statement, pages.unpack)
                .await?;
            // SQLite promises no order inside an aggregate, though it keeps that of the rows.
            chunk.sort_by_key(pages.version);
            let is_last = chunk.len() < wanted;
            events.append(&mut chunk);
            if is_last || events.len() >= limit {
                return Ok(events);
            }
        }
    }

    pub(super) async fn log_events(
        &self,
        request: &ReadLog,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let json = |error| self.database.place("read log").failed(error);
        let names = request.names.as_ref().map(serde_json::to_string);
        let names = names.transpose().map_err(json)?;
        let categories = request.categories.as_ref().map(serde_json::to_string);
        let categories = categories.transpose().map_err(json)?;
        let mut events: Vec<StoredEvent> = Vec::new();
        loop {
            let after = events.last().map_or(request.after, |event| event.position);
            let wanted = CHUNK.min(request.limit - events.len());
            let statement = query(sql::READ_LOG)
                .bind(integer(after.get()))
                .bind(integer(request.up_to.get()))
                .bind(integer(wanted as u64))
                .bind(names.clone())
                .bind(categories.clone());
            let mut chunk = self.unpacked("read log", statement, stored_event).await?;
            chunk.sort_by_key(|event| event.position);
            let is_last = chunk.len() < wanted;
            events.append(&mut chunk);
            if is_last || events.len() >= request.limit {
                return Ok(events);
            }
        }
    }

    pub(super) async fn version(&self, stream: &StreamId) -> Result<u64, StoreError> {
        const OPERATION: &str = "stream version";
        let statement = query(sql::READ_STREAM_VERSION)
            .bind(stream.category())
            .bind(stream.id());
        let rows = self.database.read(OPERATION, statement).await?;
        let version = rows.first().map(|row| self.cell(OPERATION, row, 0));
        Ok(number(version.transpose()?.unwrap_or(0)))
    }

    pub(super) async fn log_head(&self) -> Result<LogHead, StoreError> {
        const OPERATION: &str = "read head";
        let rows = self.database.read(OPERATION, query(sql::READ_HEAD)).await?;
        let Some(row) = rows.first() else {
            let reason = "the log has lost its identity";
            return Err(self.database.place(OPERATION).damaged(reason));
        };
        let log_id = self.id(OPERATION, row, 0)?;
        let last: Option<i64> = self.cell(OPERATION, row, 1)?;
        let event = match last {
            None => None,
            Some(position) => Some(EventMark {
                position: Position::new(number(position)),
                id: self.id(OPERATION, row, 2)?,
            }),
        };
        Ok(LogHead {
            log_id,
            position: event.map_or(Position::START, |event| event.position),
            event,
        })
    }

    pub(super) async fn event_id(&self, position: Position) -> Result<Option<Uuid>, StoreError> {
        const OPERATION: &str = "read event";
        let statement = query(sql::READ_EVENT_AT).bind(integer(position.get()));
        let rows = self.database.read(OPERATION, statement).await?;
        rows.first()
            .map(|row| self.id(OPERATION, row, 0))
            .transpose()
    }

    /// The packed events of all rows.
    async fn unpacked<T>(
        &self,
        operation: &'static str,
        statement: Statement<'_>,
        unpack: impl Fn(&mut Packed<'_>) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.database.read(operation, statement).await?;
        let mut events = Vec::new();
        for row in &rows {
            let text: Option<&str> = self.cell(operation, row, 0)?;
            let mut packed = Packed::new(text.unwrap_or_default());
            while !packed.is_empty() {
                let event = unpack(&mut packed).map_err(|Malformed| {
                    let reason = "a stored event cannot be read";
                    self.database.place(operation).damaged(reason)
                })?;
                events.push(event);
            }
        }
        Ok(events)
    }

    fn id(
        &self,
        operation: &'static str,
        row: &SqliteRow,
        index: usize,
    ) -> Result<Uuid, StoreError> {
        let bytes: &[u8] = self.cell(operation, row, index)?;
        Uuid::from_slice(bytes).map_err(|error| {
            let reason = format!("a stored id cannot be read: {error}");
            self.database.place(operation).damaged(reason)
        })
    }

    fn cell<'r, T>(
        &self,
        operation: &'static str,
        row: &'r SqliteRow,
        index: usize,
    ) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlite::Sqlite> + Type<sqlite::Sqlite>,
    {
        let cell = row.try_get(index);
        cell.map_err(|error| self.database.place(operation).error(error))
    }
}

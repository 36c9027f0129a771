//! ⑤ Reading streams and the log.

use cqrs_core::event::StoredEvent;
use cqrs_core::store::{CommandRecord, LoadedEvent, ReadLog, StoreError};
use cqrs_core::stream::{Position, StreamId};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::row::{loaded_event, stored_event};
use super::{PostgresEventStore, integer, number, statement};
use crate::database::Statement;

/// How many positions one statement looks at, at the most: where few events fit, a page would take longer
/// than a statement may.
const RANGE: u64 = 100_000;

/// How many times the page's length a range has at first, and each one more than the one before: where the
/// server knows nothing of the table yet, as after a restore, it may read and sort the whole range.
const GROWTH: u64 = 4;

impl PostgresEventStore {
    pub(super) async fn load_stream(
        &self,
        stream: &StreamId,
        after_version: u64,
        limit: usize,
    ) -> Result<Vec<LoadedEvent>, StoreError> {
        const OPERATION: &str = "load";
        let read = || {
            statement(&self.database.sql.load_stream)
                .bind(stream.category())
                .bind(stream.id())
                .bind(integer(after_version))
                .bind(integer(limit as u64))
        };
        let events = self.all(OPERATION, read, loaded_event).await?;
        for (expected, event) in (after_version + 1..).zip(&events) {
            if event.version != expected {
                let reason = format!("the stream `{stream}` lacks its event {expected}");
                return Err(self.database.place(OPERATION).damaged(reason));
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
        let read = || {
            statement(&self.database.sql.read_stream)
                .bind(stream.category())
                .bind(stream.id())
                .bind(integer(after_version))
                .bind(integer(limit as u64))
        };
        self.all("read stream", read, stored_event).await
    }

    pub(super) async fn version(&self, stream: &StreamId) -> Result<u64, StoreError> {
        let read = || {
            statement(&self.database.sql.read_stream_version)
                .bind(stream.category())
                .bind(stream.id())
        };
        let version = |row: &PgRow| Ok(number(row.try_get(0)?));
        let versions = self.all("stream version", read, version).await?;
        Ok(versions.first().copied().unwrap_or(0))
    }

    /// A page that is not full has reached the end, in as many statements as that takes.
    pub(super) async fn log_events(
        &self,
        request: &ReadLog,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let up_to = self.head.at_most(request.up_to, &self.database).await?;
        let (mut events, mut after) = (Vec::new(), request.after);
        let mut range = GROWTH.saturating_mul(request.limit as u64).min(RANGE);
        while after < up_to && events.len() < request.limit {
            let to = up_to.min(Position::new(after.get().saturating_add(range)));
            let limit = request.limit - events.len();
            let more = self.events_between(after, to, limit, request).await?;
            after = to;
            range = range.saturating_mul(GROWTH).min(RANGE);
            match events.is_empty() {
                true => events = more,
                false => events.extend(more),
            }
        }
        Ok(events)
    }

    /// So many events of two positions' range, filtered as the request says.
    async fn events_between(
        &self,
        after: Position,
        up_to: Position,
        limit: usize,
        request: &ReadLog,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let read = || {
            statement(&self.database.sql.read_log)
                .bind(integer(after.get()))
                .bind(integer(up_to.get()))
                .bind(integer(limit as u64))
                .bind(request.names.as_deref())
                .bind(request.categories.as_deref())
        };
        self.all("read log", read, stored_event).await
    }

    pub(super) async fn event_id(&self, position: Position) -> Result<Option<Uuid>, StoreError> {
        let read = || statement(&self.database.sql.read_event_at).bind(integer(position.get()));
        let ids = self.all("read event", read, |row| row.try_get(0)).await?;
        Ok(ids.first().copied())
    }

    pub(super) async fn command_record(
        &self,
        command_id: Uuid,
        stream: &StreamId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        let read = || {
            statement(&self.database.sql.find_command)
                .bind(command_id)
                .bind(stream.category())
                .bind(stream.id())
        };
        let record = |row: &PgRow| {
            let name: String = row.try_get(0)?;
            let (version, events) = (number(row.try_get(1)?), number(row.try_get(3)?));
            let position = Position::new(number(row.try_get(2)?));
            Ok(CommandRecord::new(name, version, position, events))
        };
        let mut records = self.all("find command", read, record).await?;
        Ok(records.pop())
    }

    /// What the rows of a statement say.
    pub(super) async fn all<'q, T>(
        &self,
        operation: &'static str,
        read: impl Fn() -> Statement<'q>,
        decode: impl Fn(&PgRow) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, StoreError> {
        let decode = |row: PgRow| decode(&row);
        self.database.read_as(operation, read, decode).await
    }
}

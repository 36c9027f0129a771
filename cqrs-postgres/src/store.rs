//! ⑤ The event store on Postgres.

mod announce;
mod append;
mod batch;
mod head;
mod listen;
mod mark;
mod plain;
mod read;
mod row;
mod snapshot;

pub(crate) use self::announce::Announcer;
pub(crate) use self::head::HeadReader;

use std::sync::Arc;

use cqrs_core::BoxFuture;
use cqrs_core::event::StoredEvent;
use cqrs_core::snapshot::{SnapshotStore, StoredSnapshot};
use cqrs_core::store::{
    Announcements, Append, AppendError, Appended, CommandRecord, EventAppender, LoadedEvent,
    LogHead, LogMark, LogReader, ReadLog, StoreError, StreamReader,
};
use cqrs_core::stream::{Position, StreamId};
use uuid::Uuid;

use crate::binds::{integer, number, statement};
use crate::database::PostgresDatabase;

/// The events of a Postgres database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PostgresEventStore {
    database: Arc<PostgresDatabase>,
    head: Arc<HeadReader>,
    announcer: Arc<Announcer>,
}

type Answers = Vec<Result<Appended, AppendError>>;

impl PostgresEventStore {
    pub(crate) fn new(
        database: Arc<PostgresDatabase>,
        head: Arc<HeadReader>,
        announcer: Arc<Announcer>,
    ) -> Self {
        Self {
            database,
            head,
            announcer,
        }
    }

    async fn append_and_announce(&self, batch: &[Append]) -> Result<Answers, StoreError> {
        let answers = self.append_batch(batch).await?;
        let appended = answers.iter().flatten().filter(|answer| !answer.repeated);
        if let Some(position) = appended.map(|answer| answer.position).max() {
            self.announcer.announce(position, &self.database);
        }
        Ok(answers)
    }
}

impl EventAppender for PostgresEventStore {
    fn append<'a>(
        &'a self,
        batch: &'a [Append],
    ) -> BoxFuture<'a, Result<Vec<Result<Appended, AppendError>>, StoreError>> {
        Box::pin(self.append_and_announce(batch))
    }

    fn find_command<'a>(
        &'a self,
        command_id: Uuid,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<Option<CommandRecord>, StoreError>> {
        Box::pin(self.command_record(command_id, stream))
    }

    fn close_idle(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.announcer.close().await;
            self.database.close_idle().await;
        })
    }
}

impl StreamReader for PostgresEventStore {
    fn load<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LoadedEvent>, StoreError>> {
        Box::pin(self.load_stream(stream, after_version, limit))
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        Box::pin(self.stream_events(stream, after_version, limit))
    }

    fn stream_version<'a>(
        &'a self,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(self.version(stream))
    }
}

impl LogReader for PostgresEventStore {
    fn read_log<'a>(
        &'a self,
        request: &'a ReadLog,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        Box::pin(self.log_events(request))
    }

    fn head(&self) -> BoxFuture<'_, Result<LogHead, StoreError>> {
        Box::pin(self.head.look(&self.database))
    }

    fn event_at(&self, position: Position) -> BoxFuture<'_, Result<Option<Uuid>, StoreError>> {
        Box::pin(self.event_id(position))
    }

    fn announcements(&self) -> Announcements<'_> {
        match self.database.has_sessions() {
            true => listen::announcements(&self.database),
            // Whoever hears must keep its session.
            false => Box::pin(futures_util::stream::pending()),
        }
    }

    fn mark(&self) -> BoxFuture<'_, Result<Option<LogMark>, StoreError>> {
        Box::pin(self.read_mark())
    }
}

impl SnapshotStore for PostgresEventStore {
    fn load_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        fingerprint: u64,
    ) -> BoxFuture<'a, Result<Option<StoredSnapshot>, StoreError>> {
        Box::pin(self.stored_snapshot(stream, fingerprint))
    }

    fn save_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        snapshot: &'a StoredSnapshot,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.keep_snapshot(stream, snapshot))
    }
}

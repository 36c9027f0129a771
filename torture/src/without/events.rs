//! An event store between the children and the real one, which alters what goes through.

use std::sync::Arc;

use cqrs::snapshot::{SnapshotStore, StoredSnapshot};
use cqrs::store::{
    Announcements, Append, AppendError, Appended, CommandRecord, EventAppender, EventStore,
    LoadedEvent, LogHead, LogMark, LogReader, ReadLog, StoreError, StreamReader,
};
use cqrs::{Position, StoredEvent, StreamId};
use cqrs_core::BoxFuture;
use uuid::Uuid;

pub(super) struct AlteredEvents {
    inner: Arc<dyn EventStore>,
    append: fn(&mut Append),
    page: fn(&mut [StoredEvent]),
    forgets_commands: bool,
}

impl AlteredEvents {
    pub(super) fn new(inner: Arc<dyn EventStore>) -> Self {
        Self {
            inner,
            append: |_| {},
            page: |_| {},
            forgets_commands: false,
        }
    }

    pub(super) fn appending(self, append: fn(&mut Append)) -> Self {
        Self { append, ..self }
    }

    pub(super) fn reading(self, page: fn(&mut [StoredEvent])) -> Self {
        Self { page, ..self }
    }

    pub(super) fn forgetting_commands(self) -> Self {
        Self {
            forgets_commands: true,
            ..self
        }
    }
}

impl EventAppender for AlteredEvents {
    fn append<'a>(
        &'a self,
        batch: &'a [Append],
    ) -> BoxFuture<'a, Result<Vec<Result<Appended, AppendError>>, StoreError>> {
        Box::pin(async move {
            let mut batch = batch.to_vec();
            batch.iter_mut().for_each(self.append);
            self.inner.append(&batch).await
        })
    }

    fn find_command<'a>(
        &'a self,
        command_id: Uuid,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<Option<CommandRecord>, StoreError>> {
        match self.forgets_commands {
            true => Box::pin(async { Ok(None) }),
            false => self.inner.find_command(command_id, stream),
        }
    }
}

impl StreamReader for AlteredEvents {
    fn load<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LoadedEvent>, StoreError>> {
        self.inner.load(stream, after_version, limit)
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        self.inner.read_stream(stream, after_version, limit)
    }

    fn stream_version<'a>(
        &'a self,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.inner.stream_version(stream)
    }
}

impl LogReader for AlteredEvents {
    fn read_log<'a>(
        &'a self,
        request: &'a ReadLog,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        Box::pin(async move {
            let mut page = self.inner.read_log(request).await?;
            (self.page)(&mut page);
            Ok(page)
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<LogHead, StoreError>> {
        self.inner.head()
    }

    fn event_at(&self, position: Position) -> BoxFuture<'_, Result<Option<Uuid>, StoreError>> {
        self.inner.event_at(position)
    }

    fn announcements(&self) -> Announcements<'_> {
        self.inner.announcements()
    }

    fn mark(&self) -> BoxFuture<'_, Result<Option<LogMark>, StoreError>> {
        self.inner.mark()
    }
}

impl SnapshotStore for AlteredEvents {
    fn load_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        fingerprint: u64,
    ) -> BoxFuture<'a, Result<Option<StoredSnapshot>, StoreError>> {
        self.inner.load_snapshot(stream, fingerprint)
    }

    fn save_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        snapshot: &'a StoredSnapshot,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.save_snapshot(stream, snapshot)
    }
}

//! ⑥ A read of the log that does not end keeps nobody from shutting down.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cqrs::doc::{AccountCommand::*, Balance};
use cqrs::event::StoredEvent;
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::snapshot::{SnapshotStore, StoredSnapshot};
use cqrs::store::{
    Append, AppendError, Appended, CommandRecord, EventAppender, EventStore, LoadedEvent, LogHead,
    LogReader, ReadLog, StoreError, Stores, StreamReader,
};
use cqrs::{BoxFuture, Position, StreamId};
use tokio::sync::Semaphore;
use uuid::Uuid;

#[tokio::test]
async fn a_shut_down_does_not_wait_for_the_first_page() {
    shut_down_after(0).await;
}

#[tokio::test]
async fn a_shut_down_does_not_wait_for_a_page_that_is_read_ahead() {
    shut_down_after(1).await;
}

/// While the log hangs after so many pages of one event each.
async fn shut_down_after(pages: usize) {
    let memory = Stores::memory();
    let log = Arc::new(Hanging::new(memory.events.clone(), pages));
    let mut stores = memory.clone();
    stores.events = log.clone();
    let app = App::builder(stores);
    let options = ProjectionOptions::default().page_size(1);
    let app = app.project_with::<Balance>(options).await.unwrap();
    for id in ["ada", "bob"] {
        let (id, owner) = (id.into(), "Ada".into());
        app.execute(Open { id, owner }).await.unwrap();
    }
    log.hangs.acquire().await.unwrap().forget();
    let ended = tokio::time::timeout(Duration::from_secs(30), app.shutdown());
    ended.await.unwrap();
    // The lease was given back: another application goes on at once.
    let other = App::builder(memory).project::<Balance>().await.unwrap();
    let head = other.head().await.unwrap().position;
    other.wait_for::<Balance>(head).await.unwrap();
    assert_eq!(other.view::<Balance>().count().await.unwrap(), 2);
}

/// A log that does not answer after so many pages.
struct Hanging {
    store: Arc<dyn EventStore>,
    pages: AtomicUsize,
    hangs: Semaphore,
}

impl Hanging {
    fn new(store: Arc<dyn EventStore>, pages: usize) -> Self {
        Self {
            store,
            pages: AtomicUsize::new(pages),
            hangs: Semaphore::new(0),
        }
    }
}

impl LogReader for Hanging {
    fn read_log<'a>(
        &'a self,
        request: &'a ReadLog,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        let one_less = |pages: usize| pages.checked_sub(1);
        match self
            .pages
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
        {
            Ok(_) => self.store.read_log(request),
            Err(_) => {
                self.hangs.add_permits(1);
                Box::pin(std::future::pending())
            }
        }
    }

    fn head(&self) -> BoxFuture<'_, Result<LogHead, StoreError>> {
        self.store.head()
    }

    fn event_at(&self, position: Position) -> BoxFuture<'_, Result<Option<Uuid>, StoreError>> {
        self.store.event_at(position)
    }
}

impl EventAppender for Hanging {
    fn append<'a>(
        &'a self,
        batch: &'a [Append],
    ) -> BoxFuture<'a, Result<Vec<Result<Appended, AppendError>>, StoreError>> {
        self.store.append(batch)
    }

    fn find_command<'a>(
        &'a self,
        command_id: Uuid,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<Option<CommandRecord>, StoreError>> {
        self.store.find_command(command_id, stream)
    }
}

impl StreamReader for Hanging {
    fn load<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LoadedEvent>, StoreError>> {
        self.store.load(stream, after_version, limit)
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        self.store.read_stream(stream, after_version, limit)
    }

    fn stream_version<'a>(
        &'a self,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.store.stream_version(stream)
    }
}

impl SnapshotStore for Hanging {
    fn load_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        fingerprint: u64,
    ) -> BoxFuture<'a, Result<Option<StoredSnapshot>, StoreError>> {
        self.store.load_snapshot(stream, fingerprint)
    }

    fn save_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        snapshot: &'a StoredSnapshot,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.save_snapshot(stream, snapshot)
    }
}

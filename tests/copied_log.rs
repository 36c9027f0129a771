//! ⑤ A log that moves into another store keeps everything but its positions.

#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cqrs::doc::{Account, AccountCommand::*, AccountEvent, Balance};
use cqrs::event::StoredEvent;
use cqrs::prelude::*;
use cqrs::snapshot::{SnapshotStore, StoredSnapshot};
use cqrs::store::{
    Append, AppendError, Appended, CommandRecord, CopyLogError, EventAppender, EventStore,
    LoadedEvent, LogHead, LogReader, ReadLog, StoreError, Stores, StreamReader, copy_log,
};
use cqrs::{BoxFuture, Expected, Metadata, Position, StreamId, open_stores};
use tempfile::TempDir;
use uuid::Uuid;

async fn sqlite() -> (TempDir, Stores) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    let url = format!("sqlite:{}", file.display());
    (folder, open_stores(&url).await.unwrap())
}

fn stream(id: &str) -> StreamId {
    StreamId::new("account", id).unwrap()
}

/// Commands of all kinds: one event, several, several streams, times and metadata of their own.
async fn fill(stores: &Stores) {
    let app = App::builder(stores.clone()).await.unwrap();
    for (number, id) in ["ada", "bob", "cem"].into_iter().enumerate() {
        let (id, owner) = (id.into(), "somebody".into());
        app.execute(Open { id, owner }).await.unwrap();
        for amount in 0..40 * number as u64 {
            let id = "bob".into();
            app.execute(Deposit { id, amount }).await.unwrap();
        }
    }
    let mut transfer = Append::new("transfer")
        .events(
            stream("ada"),
            Expected::Any,
            &[AccountEvent::Deposited { amount: 7 }],
        )
        .unwrap()
        .events(
            stream("bob"),
            Expected::Any,
            &[
                AccountEvent::Withdrawn { amount: 3 },
                AccountEvent::Withdrawn { amount: 4 },
            ],
        )
        .unwrap();
    transfer.causation_id = Some(Uuid::now_v7());
    transfer.metadata = Metadata::default().with("who", "Ada");
    transfer.writes[1].events[0].occurred_at = Some("2010-12-01T08:26:00Z".parse().unwrap());
    app.append_all(transfer).await.unwrap();
    app.shutdown().await;
}

async fn log(store: &dyn EventStore) -> Vec<StoredEvent> {
    let head = store.head().await.unwrap().position;
    let request = ReadLog::between(Position::START, head, 10_000);
    store.read_log(&request).await.unwrap()
}

/// Everything of the events but where they stand in the log.
fn without_positions(mut events: Vec<StoredEvent>) -> Vec<StoredEvent> {
    for event in &mut events {
        event.position = Position::START;
    }
    events
}

#[tokio::test]
async fn everything_but_the_positions_is_the_same() {
    let (memory, (_folder, sqlite), back) = (Stores::memory(), sqlite().await, Stores::memory());
    fill(&memory).await;
    let mut told = Vec::new();
    let copied = copy_log(&*memory.events, &*sqlite.events, |now| told.push(now));
    let copied = copied.await.unwrap();
    assert_eq!((copied.events, copied.appended), (126, 126));
    assert_eq!(told.last(), Some(&copied));
    copy_log(&*sqlite.events, &*back.events, |_| {})
        .await
        .unwrap();
    let original = without_positions(log(&*memory.events).await);
    assert_eq!(without_positions(log(&*sqlite.events).await), original);
    assert_eq!(without_positions(log(&*back.events).await), original);
}

#[tokio::test]
async fn what_was_copied_before_is_passed_over() {
    let (old, (_folder, new)) = (Stores::memory(), sqlite().await);
    fill(&old).await;
    copy_log(&*old.events, &*new.events, |_| {}).await.unwrap();
    let app = App::builder(old.clone()).await.unwrap();
    let id = "cem".into();
    app.execute(Deposit { id, amount: 1 }).await.unwrap();
    let copied = copy_log(&*old.events, &*new.events, |_| {}).await.unwrap();
    assert_eq!((copied.events, copied.appended), (127, 1));
    assert_eq!(log(&*new.events).await.len(), 127);
}

#[tokio::test]
async fn views_and_repeated_commands_work_on_the_copy() {
    let (old, (_folder, new)) = (Stores::memory(), sqlite().await);
    fill(&old).await;
    let app = App::builder(old.clone()).await.unwrap();
    let (id, command) = ("cem".into(), Uuid::now_v7());
    let before = app
        .execute(Deposit { id, amount: 5 })
        .with_id(command)
        .await;
    assert!(!before.unwrap().repeated);
    copy_log(&*old.events, &*new.events, |_| {}).await.unwrap();

    let app = App::builder(new).project::<Balance>().await.unwrap();
    let id = "cem".into();
    let again = app
        .execute(Deposit { id, amount: 5 })
        .with_id(command)
        .await;
    let again = again.unwrap();
    assert!(again.repeated);
    app.wait_for::<Balance>(again.position).await.unwrap();
    let rows = app.view::<Balance>().count().await.unwrap();
    let account = app.load::<Account>(&"cem".into()).await.unwrap();
    assert_eq!(rows, 3);
    assert_eq!(account.unwrap().version, 2);
    app.shutdown().await;
}

#[tokio::test]
async fn other_events_in_the_way_are_told_and_left() {
    let (old, (_folder, new)) = (Stores::memory(), sqlite().await);
    fill(&old).await;
    let app = App::builder(new.clone()).await.unwrap();
    let (id, owner) = ("bob".into(), "another".into());
    app.execute(Open { id, owner }).await.unwrap();
    let error = copy_log(&*old.events, &*new.events, |_| {})
        .await
        .unwrap_err();
    let CopyLogError::OtherEvents {
        stream: which,
        actual: 1,
        expected: 0,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(which, &stream("bob"));
    assert!(
        error.to_string().contains("copy into an empty store"),
        "{error}"
    );
    assert_eq!(new.events.stream_version(&stream("bob")).await.unwrap(), 1);
}

#[tokio::test]
async fn a_log_is_not_copied_into_itself() {
    let stores = Stores::memory();
    let error = copy_log(&*stores.events, &*stores.events, |_| {}).await;
    assert!(matches!(error, Err(CopyLogError::SameLog)));
}

#[tokio::test]
async fn a_copy_that_failed_goes_on() {
    let (old, (_folder, new)) = (Stores::memory(), sqlite().await);
    let app = App::builder(old.clone()).await.unwrap();
    for number in 0..60 {
        let events = vec![AccountEvent::Deposited { amount: number }; 50];
        let append = Append::new("fill").events(stream("ada"), Expected::Any, &events);
        app.append_all(append.unwrap()).await.unwrap();
    }
    let breaking = Altered {
        fails_after: Some(AtomicUsize::new(1)),
        ..Altered::new(&new)
    };
    let error = copy_log(&*old.events, &breaking, |_| {}).await.unwrap_err();
    assert!(matches!(error, CopyLogError::Write(_)), "{error}");
    let before = log(&*new.events).await.len();
    assert!((1..3000).contains(&before), "{before}");
    let copied = copy_log(&*old.events, &*new.events, |_| {}).await.unwrap();
    assert_eq!(copied.appended, 3000 - before as u64);
    let original = without_positions(log(&*old.events).await);
    assert_eq!(without_positions(log(&*new.events).await), original);
}

/// What a subscription's handler does that sends commands by the id of the event.
#[tokio::test]
async fn two_commands_with_one_id_stay_two() {
    let (old, (_folder, new)) = (Stores::memory(), sqlite().await);
    let app = App::builder(old.clone()).await.unwrap();
    let id = Uuid::now_v7();
    let send = async |name: &'static str, to: &str| {
        let mut append = Append::new(name)
            .with_id(id)
            .events(
                stream(to),
                Expected::Any,
                &[AccountEvent::Deposited { amount: 1 }],
            )
            .unwrap();
        append.metadata = Metadata::default().with("sent", name);
        app.append_all(append).await.unwrap();
    };
    send("reward", "ada").await;
    copy_log(&*old.events, &*new.events, |_| {}).await.unwrap();
    send("refund", "bob").await;
    let copied = copy_log(&*old.events, &*new.events, |_| {}).await.unwrap();
    assert_eq!((copied.events, copied.appended), (2, 1));
    let anew = Stores::memory();
    copy_log(&*old.events, &*anew.events, |_| {}).await.unwrap();
    for copy in [new, anew] {
        let original = without_positions(log(&*old.events).await);
        assert_eq!(without_positions(log(&*copy.events).await), original);
        let found = copy.events.find_command(id, &stream("bob")).await.unwrap();
        assert_eq!(found.unwrap().name, "refund");
    }
}

/// On Postgres two transactions may draw positions by turns.
#[tokio::test]
async fn events_that_stand_between_a_commands_own_do_not_part_them() {
    let (old, (_folder, new)) = (Stores::memory(), sqlite().await);
    let app = App::builder(old.clone()).await.unwrap();
    for id in ["ada", "bob"] {
        let events = vec![AccountEvent::Deposited { amount: 1 }; 1200];
        let append = Append::new("fill").events(stream(id), Expected::Any, &events);
        app.append_all(append.unwrap()).await.unwrap();
    }
    let by_turns = Altered {
        by_turns: true,
        ..Altered::new(&old)
    };
    let turns = log(&by_turns).await;
    assert_ne!(turns[0].stream, turns[1].stream);
    let copied = copy_log(&by_turns, &*new.events, |_| {}).await.unwrap();
    assert_eq!((copied.events, copied.appended), (2400, 2400));
    for id in ["ada", "bob"] {
        let original = old.events.read_stream(&stream(id), 0, 5000).await.unwrap();
        let copy = new.events.read_stream(&stream(id), 0, 5000).await.unwrap();
        assert_eq!(without_positions(copy), without_positions(original));
    }
}

/// A store that breaks after so many appends, or shows the log's halves by turns.
struct Altered {
    store: Arc<dyn EventStore>,
    fails_after: Option<AtomicUsize>,
    by_turns: bool,
}

impl Altered {
    fn new(stores: &Stores) -> Self {
        let store = stores.events.clone();
        Self {
            store,
            fails_after: None,
            by_turns: false,
        }
    }
}

impl EventAppender for Altered {
    fn append<'a>(
        &'a self,
        batch: &'a [Append],
    ) -> BoxFuture<'a, Result<Vec<Result<Appended, AppendError>>, StoreError>> {
        let left = self
            .fails_after
            .as_ref()
            .map(|left| left.fetch_sub(1, Ordering::Relaxed));
        match left {
            Some(0) => Box::pin(async {
                let store = "the disk".to_owned();
                Err(StoreError::Full { store })
            }),
            _ => self.store.append(batch),
        }
    }

    fn find_command<'a>(
        &'a self,
        command_id: Uuid,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<Option<CommandRecord>, StoreError>> {
        self.store.find_command(command_id, stream)
    }
}

impl LogReader for Altered {
    fn read_log<'a>(
        &'a self,
        request: &'a ReadLog,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        if !self.by_turns {
            return self.store.read_log(request);
        }
        Box::pin(async move {
            let all = ReadLog::between(Position::START, request.up_to, usize::MAX);
            let mut events = self.store.read_log(&all).await?;
            events.sort_by_key(|event| (event.version, event.stream.clone()));
            for (position, event) in (1..).zip(&mut events) {
                event.position = Position::new(position);
            }
            events.retain(|event| event.position > request.after);
            events.truncate(request.limit);
            Ok(events)
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<LogHead, StoreError>> {
        self.store.head()
    }

    fn event_at(&self, position: Position) -> BoxFuture<'_, Result<Option<Uuid>, StoreError>> {
        self.store.event_at(position)
    }
}

impl StreamReader for Altered {
    fn load<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LoadedEvent>, StoreError>> {
        self.store.load(stream, after_version, limit)
    }

    /// With the positions of the log that it shows.
    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        if !self.by_turns {
            return self.store.read_stream(stream, after_version, limit);
        }
        Box::pin(async move {
            let mut events = log(self).await;
            events.retain(|event| event.stream == *stream && event.version > after_version);
            events.truncate(limit);
            Ok(events)
        })
    }

    fn stream_version<'a>(
        &'a self,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.store.stream_version(stream)
    }
}

impl SnapshotStore for Altered {
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

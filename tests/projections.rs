//! ⑥ to ⑧: what projections promise: everything once, in order, whatever happens in between.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cqrs::doc::{AccountCommand, AccountCommand::*, AccountEvent, AccountId, Balance};
use cqrs::prelude::*;
use cqrs::projection::{ProjectionOptions, ProjectionState, StartFrom};
use cqrs::store::{Append, MemoryEventStore, Stores};
use cqrs::view::MemoryViewStore;
use cqrs::{Expected, Position, QueryError, RetryPolicy, StreamId};
use tokio_stream::StreamExt;

fn open(id: &str) -> AccountCommand {
    let owner = id.to_uppercase();
    Open {
        id: id.into(),
        owner,
    }
}

fn deposit(id: &str, amount: u64) -> AccountCommand {
    let id = id.into();
    Deposit { id, amount }
}

async fn fill(app: &App, accounts: u64, deposits: u64) -> Position {
    let mut position = Position::START;
    for account in 0..accounts {
        let id = format!("account-{account:03}");
        app.execute(open(&id)).await.unwrap();
        for _ in 0..deposits {
            position = app.execute(deposit(&id, 1)).await.unwrap().position;
        }
    }
    position
}

async fn balances(app: &App) -> Vec<u64> {
    let page = app.view::<Balance>().page(1000).await.unwrap();
    page.into_iter().map(|row| row.balance).collect()
}

#[tokio::test]
async fn a_view_catches_up_in_pages_and_then_follows_live() {
    let stores = Stores::memory();
    let writer = App::builder(stores.clone()).await.unwrap();
    let position = fill(&writer, 10, 6).await;
    let options = ProjectionOptions::default().page_size(7);
    let app = App::builder(stores)
        .project_with::<Balance>(options)
        .await
        .unwrap();
    app.wait_for::<Balance>(position).await.unwrap();
    assert_eq!(balances(&app).await, [6; 10]);
    let live = app.execute(deposit("account-003", 10)).await.unwrap();
    app.wait_for::<Balance>(live.position).await.unwrap();
    assert_eq!(balances(&app).await[3], 16);
    let status = app.projections().remove(0);
    assert_eq!((status.lag(), status.events, status.skipped), (0, 71, 0));
}

/// However often it is shut down in between, every event is in the view once.
#[tokio::test]
async fn shutdown_and_restart_lose_and_double_nothing() {
    let stores = Stores::memory();
    let writer = App::builder(stores.clone()).await.unwrap();
    let position = fill(&writer, 5, 40).await;
    let mut seen = Vec::new();
    loop {
        let options = ProjectionOptions::default().page_size(3);
        let app = App::builder(stores.clone())
            .project_with::<Balance>(options)
            .await
            .unwrap();
        let changes = app.view::<Balance>().changes().unwrap();
        let mut changes = std::pin::pin!(changes);
        let _ = tokio::time::timeout(Duration::from_millis(5), changes.next()).await;
        app.shutdown().await;
        let status = app.projections().remove(0);
        assert!(
            matches!(status.state, ProjectionState::ShutDown),
            "{:?}",
            status.state
        );
        seen.push(status.position);
        if status.position >= position {
            break;
        }
    }
    assert!(
        seen.is_sorted() && seen.len() > 1,
        "it never stopped in the middle: {seen:?}"
    );
    let reader = App::builder(stores).project::<Balance>().await.unwrap();
    assert_eq!(balances(&reader).await, [40; 5]);
}

#[tokio::test]
async fn a_view_may_begin_with_the_next_event_or_at_a_position() {
    let stores = Stores::memory();
    let writer = App::builder(stores.clone()).await.unwrap();
    fill(&writer, 2, 1).await;
    let now = ProjectionOptions::default().start_from(StartFrom::Now);
    let app = App::builder(stores.clone())
        .project_with::<Balance>(now)
        .await
        .unwrap();
    let position = app.execute(open("late")).await.unwrap().position;
    app.wait_for::<Balance>(position).await.unwrap();
    assert_eq!(app.view::<Balance>().count().await.unwrap(), 1);
    app.shutdown().await;

    let elsewhere = Stores {
        views: std::sync::Arc::new(MemoryViewStore::default()),
        ..stores
    };
    let from = ProjectionOptions::default().start_from(StartFrom::Position(Position::new(2)));
    let app = App::builder(elsewhere)
        .project_with::<Balance>(from)
        .await
        .unwrap();
    app.wait_for::<Balance>(position).await.unwrap();
    assert_eq!(app.view::<Balance>().count().await.unwrap(), 2);
}

/// Fails on an amount of 13 as long as it is told to.
#[derive(Projection, Clone, Debug)]
#[projection(name = "careful", events(AccountEvent))]
pub struct Careful {
    account: AccountId,
    deposits: u64,
}

static FAIL: AtomicBool = AtomicBool::new(true);

impl Project<AccountEvent> for Careful {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&event.id, |row| match event.data {
            AccountEvent::Deposited { amount: 13 } if FAIL.load(Ordering::SeqCst) => {
                panic!("thirteen is unlucky")
            }
            _ => row.deposits += 1,
        });
    }
}

#[tokio::test]
async fn a_failing_event_is_retried_then_stops_the_projection_and_says_why() {
    let stores = Stores::memory();
    let retry = RetryPolicy::new(2, Duration::from_millis(1), Duration::from_millis(2));
    let options = ProjectionOptions::default().retry(retry);
    let start = || {
        let app = App::builder(stores.clone()).project::<Balance>();
        app.project_with::<Careful>(options.clone())
    };
    let app = start().await.unwrap();
    app.execute(open("ada")).await.unwrap();
    app.execute(deposit("ada", 1)).await.unwrap();
    app.execute(deposit("ada", 13)).await.unwrap();
    let last = app.execute(deposit("ada", 2)).await.unwrap().position;
    let error = app.wait_for::<Careful>(last).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the projection `careful` has stopped at position 3, `account.deposited`, event 3 of \
         `account/ada`: `project` panicked: thirteen is unlucky"
    );
    // What came before it is in the view, and other projections are not held up.
    let row = app
        .view::<Careful>()
        .get(&"ada".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.deposits, 2);
    app.wait_for::<Balance>(last).await.unwrap();
    app.shutdown().await;

    FAIL.store(false, Ordering::SeqCst);
    let app = start().await.unwrap();
    app.wait_for::<Careful>(last).await.unwrap();
    let row = app
        .view::<Careful>()
        .get(&"ada".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.deposits, 4);
}

/// Fails on an amount of 13 three times, then no more.
#[derive(Projection, Clone, Debug)]
#[projection(name = "moody", events(AccountEvent))]
pub struct Moody {
    account: AccountId,
    events: u64,
}

static FAILURES_LEFT: AtomicUsize = AtomicUsize::new(3);

impl Project<AccountEvent> for Moody {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&event.id, |row| {
            let unlucky = matches!(event.data, AccountEvent::Deposited { amount: 13 });
            let left = FAILURES_LEFT.load(Ordering::SeqCst);
            if unlucky && left > 0 {
                FAILURES_LEFT.store(left - 1, Ordering::SeqCst);
                panic!("not now");
            }
            row.events += 1;
        });
    }
}

#[tokio::test]
async fn an_event_that_fails_for_a_while_loses_and_doubles_nothing() {
    let stores = Stores::memory();
    let writer = App::builder(stores.clone()).await.unwrap();
    fill(&writer, 4, 6).await;
    writer.execute(deposit("account-002", 13)).await.unwrap();
    let mut last = Position::START;
    for account in ["account-000", "account-001", "account-002", "account-003"] {
        last = writer.execute(deposit(account, 1)).await.unwrap().position;
    }
    let retry = RetryPolicy::new(5, Duration::from_millis(1), Duration::from_millis(2));
    let options = ProjectionOptions::default().retry(retry).page_size(10);
    let app = App::builder(stores);
    let app = app.project_with::<Moody>(options).await.unwrap();
    app.wait_for::<Moody>(last).await.unwrap();
    let rows = app.view::<Moody>().page(10).await.unwrap();
    let events: Vec<u64> = rows.into_iter().map(|row| row.events).collect();
    assert_eq!(events, [8, 8, 9, 8]);
    assert_eq!(FAILURES_LEFT.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_named() {
    let stores = Stores::memory();
    let retry = ProjectionOptions::default().retry(RetryPolicy::none());
    let app = App::builder(stores)
        .project_with::<Balance>(retry)
        .await
        .unwrap();
    app.execute(open("ada")).await.unwrap();
    let stream = StreamId::new("account", "ada").unwrap();
    let mut append = Append::new("forge")
        .events(
            stream,
            Expected::Exact(1),
            &[AccountEvent::Deposited { amount: 1 }],
        )
        .unwrap();
    append.writes[0].events[0].payload = r#"{"amount":"much"}"#.to_owned();
    let position = app.append_all(append).await.unwrap().position;
    let text = app
        .wait_for::<Balance>(position)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("position 2") && text.contains("schema version 1"),
        "{text}"
    );
    let text = app
        .load::<cqrs::doc::Account>(&"ada".into())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with("event 2 of `account/ada` at position 2: the payload of"),
        "{text}"
    );
}

#[tokio::test]
async fn updates_without_a_row_are_skipped_and_counted() {
    let stores = Stores::memory();
    let writer = App::builder(stores.clone()).await.unwrap();
    let position = fill(&writer, 1, 3).await;
    let from = ProjectionOptions::default().start_from(StartFrom::Position(Position::new(1)));
    let app = App::builder(stores)
        .project_with::<Balance>(from)
        .await
        .unwrap();
    app.wait_for::<Balance>(position).await.unwrap();
    assert_eq!(app.projections()[0].skipped, 3);
}

#[tokio::test]
async fn two_apps_share_a_view_and_the_second_takes_over() {
    let stores = Stores::memory();
    let first = App::builder(stores.clone())
        .project::<Balance>()
        .await
        .unwrap();
    let position = first.execute(open("ada")).await.unwrap().position;
    first.wait_for::<Balance>(position).await.unwrap();
    let second = App::builder(stores).project::<Balance>().await.unwrap();
    let position = second.execute(deposit("ada", 5)).await.unwrap().position;
    second.wait_for::<Balance>(position).await.unwrap();
    assert_eq!(balances(&second).await, [5]);
    let holders = [&first, &second].map(|app| app.projections().remove(0).state);
    assert!(
        matches!(holders[1], ProjectionState::Standby { .. }),
        "{holders:?}"
    );
    first.shutdown().await;
    let position = second.execute(deposit("ada", 5)).await.unwrap().position;
    second.wait_for::<Balance>(position).await.unwrap();
    assert_eq!(balances(&second).await, [10]);
    let state = second.projections().remove(0).state;
    assert!(
        !matches!(state, ProjectionState::Standby { .. }),
        "{state:?}"
    );
}

#[tokio::test]
async fn a_view_of_another_log_is_not_carried_on() {
    let stores = Stores::memory();
    let app = App::builder(stores.clone())
        .project::<Balance>()
        .await
        .unwrap();
    let position = fill(&app, 2, 2).await;
    app.wait_for::<Balance>(position).await.unwrap();
    app.shutdown().await;
    let other = Stores {
        events: std::sync::Arc::new(MemoryEventStore::default()),
        ..stores
    };
    let app = App::builder(other).project::<Balance>().await.unwrap();
    let error = app.wait_for::<Balance>(position).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the view follows another log than this one"),
        "{error}"
    );
}

#[tokio::test]
async fn changes_of_a_view_are_streamed() {
    let app = App::in_memory().project::<Balance>().await.unwrap();
    let mut changes = app.view::<Balance>().changes().unwrap();
    let position = app.execute(open("ada")).await.unwrap().position;
    let change = changes.next().await.unwrap();
    assert_eq!(change.position, position);
    assert_eq!(
        change.keys,
        cqrs::query::Changed::Keys(vec![AccountId::from("ada")])
    );
}

#[tokio::test]
async fn the_state_of_a_projection_is_streamed() {
    let app = App::in_memory().project::<Balance>().await.unwrap();
    let mut states = app.watch_projection::<Balance>().unwrap();
    let position = app.execute(open("ada")).await.unwrap().position;
    while states.next().await.unwrap().position < position {}
}

#[tokio::test]
async fn queries_filter_order_and_walk_through_pages() {
    let app = App::in_memory().project::<Balance>().await.unwrap();
    let mut position = Position::START;
    for (name, amount) in [("ada", 5), ("bob", 7), ("cyd", 5), ("dan", 9)] {
        app.execute(open(name)).await.unwrap();
        position = app.execute(deposit(name, amount)).await.unwrap().position;
    }
    app.wait_for::<Balance>(position).await.unwrap();
    let view = || app.view::<Balance>().order_by(Balance::BALANCE.desc());
    let names = |page: &cqrs::Page<Balance>| -> Vec<String> {
        page.iter().map(|row| row.account.to_string()).collect()
    };
    let first = view().page(3).await.unwrap();
    assert_eq!(names(&first), ["dan", "bob", "ada"]);
    let cursor: cqrs::Cursor = first.next.unwrap().to_string().parse().unwrap();
    let second = view().after(cursor.clone()).page(3).await.unwrap();
    assert_eq!(
        (names(&second), second.next.is_none()),
        (vec!["cyd".to_owned()], true)
    );
    let fives = app.view::<Balance>().filter(Balance::BALANCE.within(4..7));
    assert_eq!(names(&fives.page(9).await.unwrap()), ["ada", "cyd"]);
    let some = app
        .view::<Balance>()
        .filter(Balance::OWNER.one_of(["BOB", "DAN", "EVE"]));
    assert_eq!(some.count().await.unwrap(), 2);
    let keys = ["dan", "eve", "ada", "dan"].map(AccountId::from);
    let rows = app.view::<Balance>().get_many(&keys).await.unwrap();
    assert_eq!(
        rows.iter().map(|row| row.balance).collect::<Vec<_>>(),
        [9, 5, 9]
    );

    let other_order = app
        .view::<Balance>()
        .after(cursor)
        .page(3)
        .await
        .unwrap_err();
    assert!(
        matches!(other_order, QueryError::Cursor { .. }),
        "{other_order}"
    );
    assert!("nonsense".parse::<cqrs::Cursor>().is_err());
}

#[tokio::test]
async fn a_view_that_was_never_registered_names_the_missing_line() {
    let app = App::in_memory().await.unwrap();
    let error = app.view::<Balance>().count().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the view `balances` is not registered: add `.project::<cqrs::doc::Balance>()` where the app is built"
    );
    let twice = App::in_memory()
        .project::<Balance>()
        .project::<Balance>()
        .await
        .unwrap_err();
    assert!(
        twice
            .to_string()
            .contains("the view `balances` is registered twice")
    );
}

//! ⑥ Subscriptions: each event to a handler, at least once, in order, whatever happens in between.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "letters/faults.rs"]
mod faults;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cqrs::doc::{AccountCommand, AccountCommand::*, AccountEvent, Balance};
use cqrs::prelude::*;
use cqrs::projection::{HoldKey, OnFailure, ProjectionState, ProjectionStatus, StartFrom};
use cqrs::store::{MemoryEventStore, Stores};
use cqrs::subscription::SubscriptionOptions;
use cqrs::{AnyId, Position, RetryPolicy};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_stream::StreamExt;

fn open(id: &str) -> AccountCommand {
    let owner = id.to_uppercase();
    let id = id.into();
    Open { id, owner }
}

fn deposit(id: &str, amount: u64) -> AccountCommand {
    let id = id.into();
    Deposit { id, amount }
}

/// What a handler has been given.
type Seen = (String, u64);

fn seen(event: &Recorded<AccountEvent>) -> Seen {
    (event.id.to_string(), event.version)
}

fn options() -> SubscriptionOptions {
    SubscriptionOptions::default()
        .retry(RetryPolicy::none())
        .lease(Duration::from_secs(60))
}

/// Subscribes a handler that tells what it is given.
async fn listen(app: &App, options: SubscriptionOptions) -> UnboundedReceiver<Seen> {
    let (tell, told) = unbounded_channel();
    let handler = move |event: Recorded<AccountEvent>| {
        let told = tell.send(seen(&event));
        async move { told }
    };
    app.subscribe_with("mail", options, handler).await.unwrap();
    told
}

/// Longer than anything here takes: what does not come at all fails, and does not hang.
const WAIT: Duration = Duration::from_secs(30);

async fn next<T>(told: &mut UnboundedReceiver<T>) -> T {
    let told = tokio::time::timeout(WAIT, told.recv()).await;
    told.unwrap().unwrap()
}

async fn status(app: &App, fits: impl Fn(&ProjectionStatus) -> bool) -> ProjectionStatus {
    let states = app.watch_subscription("mail").unwrap();
    let mut fitting = states.filter(fits);
    let status = tokio::time::timeout(WAIT, fitting.next()).await;
    status.unwrap().unwrap()
}

#[tokio::test]
async fn events_are_handed_over_in_order_from_the_beginning_and_then_live() {
    let app = App::in_memory().await.unwrap();
    app.execute(open("ada")).await.unwrap();
    app.execute(open("bob")).await.unwrap();
    let mut told = listen(&app, options()).await;
    let last = app.execute(deposit("ada", 1)).await.unwrap().position;
    for expected in [("ada", 1), ("bob", 1), ("ada", 2)] {
        let (id, version) = next(&mut told).await;
        assert_eq!((id.as_str(), version), expected);
    }
    let status = status(&app, |status| status.position == last).await;
    assert_eq!(
        (status.name, status.events, status.dead_letters),
        ("mail", 3, 0)
    );
    assert_eq!(app.subscriptions().len(), 1);
    app.shutdown().await;
    let state = app.subscriptions().remove(0).state;
    assert!(matches!(state, ProjectionState::ShutDown), "{state:?}");
}

#[derive(Event, Serialize, Deserialize, Clone, Debug)]
#[event(prefix = "parcel", id = cqrs::doc::AccountId)]
pub enum ParcelEvent {
    Sent { to: String },
}

#[derive(Event, Clone, Debug)]
#[event(transparent)]
pub enum ShopEvent {
    Account(AccountEvent),
    Parcel(ParcelEvent),
}

#[tokio::test]
async fn a_handler_takes_the_events_of_several_aggregates() {
    let app = App::in_memory().await.unwrap();
    let (tell, mut told) = unbounded_channel();
    let handler = move |event: Recorded<ShopEvent>| {
        let told = tell.send((event.id, event.data));
        async move { told }
    };
    app.subscribe("shop", handler).await.unwrap();
    app.execute(open("ada")).await.unwrap();
    let stream = cqrs::StreamId::new("parcel", "7").unwrap();
    let sent = [ParcelEvent::Sent { to: "Ada".into() }];
    let append = cqrs::store::Append::new("send").events(stream, cqrs::Expected::NoStream, &sent);
    app.append_all(append.unwrap()).await.unwrap();
    let (id, event) = next(&mut told).await;
    assert!(matches!(event, ShopEvent::Account(_)));
    assert_eq!(id, AnyId::new("account", "ada"));
    let (id, event) = next(&mut told).await;
    assert!(matches!(event, ShopEvent::Parcel(_)));
    assert_eq!(id, AnyId::new("parcel", "7"));
    app.shutdown().await;
}

#[tokio::test]
async fn it_may_begin_now_or_behind_a_position() {
    for (start, expected) in [
        (StartFrom::Now, ("cid", 1)),
        (StartFrom::Position(Position::new(1)), ("bob", 1)),
    ] {
        let app = App::in_memory().await.unwrap();
        app.execute(open("ada")).await.unwrap();
        app.execute(open("bob")).await.unwrap();
        let mut told = listen(&app, options().start_from(start)).await;
        status(&app, |status| matches!(status.state, ProjectionState::Live)).await;
        app.execute(open("cid")).await.unwrap();
        let (id, version) = next(&mut told).await;
        assert_eq!((id.as_str(), version), expected);
    }
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let app = App::in_memory().project::<Balance>().await.unwrap();
    let idle = |_: Recorded<AccountEvent>| async { Ok::<_, std::io::Error>(()) };
    app.subscribe("mail", idle).await.unwrap();
    for name in ["mail", "balances"] {
        let error = app.subscribe(name, idle).await.unwrap_err().to_string();
        let text = format!("the name `{name}` is taken by a view or a subscription");
        assert!(error.starts_with(&text), "{error}");
    }
    assert_eq!(app.subscriptions().len(), 1);
    let error = app.dead_letters_of("male").unwrap_err().to_string();
    assert!(
        error.starts_with("`male` is neither a projection nor a subscription"),
        "{error}"
    );
}

#[tokio::test]
async fn a_failing_handler_is_tried_again_then_stops_and_nothing_is_skipped() {
    let stores = Stores::memory();
    let app = App::builder(stores.clone()).await.unwrap();
    let calls = Arc::new(AtomicUsize::default());
    let retry = RetryPolicy::new(2, Duration::from_millis(1), Duration::from_millis(2));
    let counted = calls.clone();
    let handler = move |event: Recorded<AccountEvent>| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            match event.version {
                2 => Err(std::io::Error::other("no network")),
                _ => Ok(()),
            }
        }
    };
    app.subscribe_with("mail", options().retry(retry), handler)
        .await
        .unwrap();
    app.execute(open("ada")).await.unwrap();
    app.execute(deposit("ada", 1)).await.unwrap();
    app.execute(deposit("ada", 1)).await.unwrap();
    let stopped = status(&app, |status| {
        matches!(status.state, ProjectionState::Stopped(_))
    })
    .await;
    let ProjectionState::Stopped(failure) = stopped.state else {
        return;
    };
    assert_eq!(
        failure.to_string(),
        "the subscription `mail` has stopped at position 2, `account.deposited`, event 2 of \
         `account/ada`: no network"
    );
    assert_eq!(calls.load(Ordering::SeqCst), 1 + 3);
    app.shutdown().await;
    let app = App::builder(stores).await.unwrap();
    let mut told = listen(&app, options()).await;
    assert_eq!(next(&mut told).await.1, 2);
    assert_eq!(next(&mut told).await.1, 3);
    app.shutdown().await;
}

#[tokio::test]
async fn a_panic_becomes_a_dead_letter_and_holds_its_stream_in_order() {
    let stores = Stores::memory();
    let app = App::builder(stores.clone()).await.unwrap();
    let is_mended = Arc::new(AtomicBool::new(false));
    let (tell, mut told) = unbounded_channel();
    let handler = |mended: Arc<AtomicBool>, tell: UnboundedSender<Seen>| {
        move |event: Recorded<AccountEvent>| {
            let (mended, tell) = (mended.clone(), tell.clone());
            async move {
                let is_bad = matches!(event.data, AccountEvent::Deposited { amount: 13 });
                assert!(!is_bad || mended.load(Ordering::SeqCst), "thirteen");
                tell.send(seen(&event))
            }
        }
    };
    let letters = options().on_failure(OnFailure::DeadLetter);
    let first = handler(is_mended.clone(), tell.clone());
    app.subscribe_with("mail", letters.clone(), first)
        .await
        .unwrap();
    app.execute(open("ada")).await.unwrap();
    app.execute(open("bob")).await.unwrap();
    app.execute(deposit("ada", 13)).await.unwrap();
    app.execute(deposit("ada", 1)).await.unwrap();
    let last = app.execute(deposit("bob", 1)).await.unwrap().position;
    for expected in [("ada", 1), ("bob", 1), ("bob", 2)] {
        let (id, version) = next(&mut told).await;
        assert_eq!((id.as_str(), version), expected);
    }
    let reached = status(&app, |status| status.position == last).await;
    assert_eq!(reached.dead_letters, 1);
    app.shutdown().await;

    // The next process holds the stream as well.
    let app = App::builder(stores).await.unwrap();
    app.subscribe_with("mail", letters, handler(is_mended.clone(), tell))
        .await
        .unwrap();
    let last = app.execute(deposit("ada", 2)).await.unwrap().position;
    status(&app, |status| status.position == last).await;
    let letters = app.dead_letters_of("mail").unwrap();
    let letter = letters.list(10).await.unwrap().remove(0);
    assert_eq!(letter.id.key, HoldKey::Stream(letter.stream.clone()));
    assert_eq!(letter.reason, "the handler panicked: thirteen");
    assert_eq!((letter.version, letter.held_behind), (2, 2));
    assert_eq!(letters.retry(&letter.id).await.unwrap().failed, 1);
    assert_eq!(letters.list(10).await.unwrap()[0].attempts, 2);
    assert!(told.try_recv().is_err(), "what is held is not handed over");
    is_mended.store(true, Ordering::SeqCst);
    assert_eq!(letters.retry(&letter.id).await.unwrap().resolved, 1);
    app.execute(deposit("ada", 3)).await.unwrap();
    for version in 2..=5 {
        assert_eq!(next(&mut told).await, ("ada".to_owned(), version));
    }
    app.shutdown().await;
}

#[tokio::test]
async fn shutdown_waits_for_the_event_and_loses_nothing() {
    let stores = Stores::memory();
    let app = App::builder(stores.clone()).await.unwrap();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let (tell, mut told) = unbounded_channel();
    let waiting = gate.clone();
    let handler = move |event: Recorded<AccountEvent>| {
        let (gate, told) = (waiting.clone(), tell.send(seen(&event)));
        async move {
            gate.acquire().await.unwrap().forget();
            told
        }
    };
    app.subscribe_with("mail", options(), handler)
        .await
        .unwrap();
    app.execute(open("ada")).await.unwrap();
    app.execute(deposit("ada", 1)).await.unwrap();
    assert_eq!(next(&mut told).await.1, 1);
    let ending = app.clone();
    let ended = tokio::spawn(async move { ending.shutdown().await });
    while app.execute(deposit("ada", 1)).await.unwrap().version < 5 {
        assert!(!ended.is_finished(), "the event is still being handled");
    }
    gate.add_permits(1);
    ended.await.unwrap();
    let app = App::builder(stores).await.unwrap();
    let mut told = listen(&app, options()).await;
    assert_eq!(
        next(&mut told).await.1,
        2,
        "neither skipped nor handed over twice"
    );
    app.shutdown().await;
}

#[tokio::test]
async fn one_of_two_apps_handles_and_the_other_takes_over() {
    let stores = Stores::memory();
    let first = App::builder(stores.clone()).await.unwrap();
    let mut told = listen(&first, options()).await;
    first.execute(open("ada")).await.unwrap();
    assert_eq!(next(&mut told).await.1, 1);
    let second = App::builder(stores).await.unwrap();
    let mut other = listen(&second, options()).await;
    status(&second, |status| {
        matches!(status.state, ProjectionState::Standby { .. })
    })
    .await;
    second.execute(deposit("ada", 1)).await.unwrap();
    assert_eq!(next(&mut told).await.1, 2);
    first.shutdown().await;
    second.execute(deposit("ada", 1)).await.unwrap();
    assert_eq!(next(&mut other).await.1, 3);
    assert!(told.try_recv().is_err());
    second.shutdown().await;
}

#[tokio::test]
async fn a_handler_that_takes_longer_than_the_lease_keeps_it() {
    let stores = Stores::memory();
    let short = options().lease(Duration::from_millis(150));
    let (first, second) = (
        App::builder(stores.clone()).await.unwrap(),
        App::builder(stores).await.unwrap(),
    );
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let waiting = gate.clone();
    let handler = move |_: Recorded<AccountEvent>| {
        let gate = waiting.clone();
        async move { gate.acquire().await.map(|permit| permit.forget()) }
    };
    first
        .subscribe_with("mail", short.clone(), handler)
        .await
        .unwrap();
    let last = first.execute(open("ada")).await.unwrap().position;
    let mut other = listen(&second, short).await;
    let mut ends = std::collections::BTreeSet::new();
    while ends.len() < 4 {
        if let ProjectionState::Standby { until, .. } = second.subscriptions().remove(0).state {
            ends.insert(until);
        }
        assert!(
            other.try_recv().is_err(),
            "the lease was taken under the handler"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(other.try_recv().is_err());
    gate.add_permits(1);
    status(&first, |status| status.position == last).await;
    first.shutdown().await;
    second.shutdown().await;
}

#[tokio::test]
async fn another_log_is_not_followed() {
    let stores = Stores::memory();
    let app = App::builder(stores.clone()).await.unwrap();
    let mut told = listen(&app, options()).await;
    app.execute(open("ada")).await.unwrap();
    next(&mut told).await;
    app.shutdown().await;
    let events = Arc::new(MemoryEventStore::default());
    let app = App::builder(Stores { events, ..stores }).await.unwrap();
    let mut told = listen(&app, options()).await;
    let stopped = status(&app, |status| {
        matches!(status.state, ProjectionState::Stopped(_))
    })
    .await;
    let ProjectionState::Stopped(failure) = stopped.state else {
        return;
    };
    let text = failure.to_string();
    assert!(
        text.contains("the subscription follows another log than this one"),
        "{text}"
    );
    assert!(told.try_recv().is_err());
}

/// A handler may use the application, as a policy does.
#[tokio::test]
async fn a_handler_may_execute_commands() {
    let app = App::in_memory().await.unwrap();
    let own = app.clone();
    let handled = Arc::new(Mutex::new(Vec::new()));
    let handler = {
        let handled = handled.clone();
        move |event: Recorded<AccountEvent>| {
            let (app, handled) = (own.clone(), handled.clone());
            async move {
                handled.lock().unwrap().push(event.version);
                if let AccountEvent::Opened { .. } = event.data {
                    // The same id each time, so that a second delivery does nothing.
                    let bonus = Deposit {
                        id: event.id,
                        amount: 5,
                    };
                    app.execute(bonus).with_id(event.event_id).await?;
                }
                Ok::<_, cqrs::subscription::HandlerError>(())
            }
        }
    };
    app.subscribe_with("mail", options(), handler)
        .await
        .unwrap();
    app.execute(open("ada")).await.unwrap();
    status(&app, |status| status.events == 2).await;
    let ada = app
        .load::<cqrs::doc::Account>(&"ada".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ada.state.balance, 5);
    assert_eq!(*handled.lock().unwrap(), [1, 2]);
    app.shutdown().await;
}

/// Before the checkpoint is stored, or after it.
#[tokio::test(start_paused = true)]
async fn lost_answers_of_the_database_skip_nothing() {
    for every in 2..6 {
        let views = Arc::new(faults::FaultyViews::new(every));
        let app = App::builder(Stores {
            views,
            ..Stores::memory()
        })
        .await
        .unwrap();
        let (tell, mut told) = unbounded_channel();
        let is_mended = Arc::new(AtomicBool::new(false));
        let mended = is_mended.clone();
        let handler = move |event: Recorded<AccountEvent>| {
            let is_bad = matches!(event.data, AccountEvent::Deposited { amount: 13 });
            let handled = match is_bad && !mended.load(Ordering::SeqCst) {
                true => Err(std::io::Error::other("thirteen")),
                false => tell.send(seen(&event)).map_err(std::io::Error::other),
            };
            async move { handled }
        };
        let letters = options().on_failure(OnFailure::DeadLetter).page_size(3);
        app.subscribe_with("mail", letters, handler).await.unwrap();
        let mut last = Position::START;
        for id in ["ada", "bob"] {
            app.execute(open(id)).await.unwrap();
            for amount in [1, 2, 13, 4, 13, 6] {
                last = app.execute(deposit(id, amount)).await.unwrap().position;
            }
        }
        status(&app, |status| {
            status.position == last && status.dead_letters == 2
        })
        .await;
        is_mended.store(true, Ordering::SeqCst);
        let letters = app.dead_letters_of("mail").unwrap();
        letters.retry_all().await.unwrap();
        app.shutdown().await;
        let mut reached = std::collections::BTreeMap::<String, u64>::new();
        while let Ok((id, version)) = told.try_recv() {
            let before = reached.entry(id).or_default();
            assert!(version <= *before + 1, "skipped: {version} after {before}");
            *before = version.max(*before);
        }
        assert_eq!(reached.into_values().collect::<Vec<_>>(), [7, 7]);
    }
}

//! ① to ⑨ on the stores in memory: commands, conflicts, repeats, views.

#![allow(missing_docs, clippy::unwrap_used)]

use cqrs::doc::{Account, AccountCommand, AccountCommand::*, AccountEvent, Balance};
use cqrs::prelude::*;
use cqrs::store::{Append, Stores};
use cqrs::{ExecuteError, Expected, Metadata, Position, StreamId};
use uuid::Uuid;

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

fn withdraw(id: &str, amount: u64) -> AccountCommand {
    let id = id.into();
    Withdraw { id, amount }
}

async fn app() -> App {
    App::in_memory().project::<Balance>().await.unwrap()
}

#[tokio::test]
async fn a_command_becomes_events_and_a_row() {
    let app = app().await;
    let opened = app.execute(open("ada")).await.unwrap();
    assert_eq!(
        (opened.version, opened.events, opened.repeated),
        (1, 1, false)
    );
    let receipt = app.execute(deposit("ada", 5)).await.unwrap();
    app.wait_for::<Balance>(receipt.position).await.unwrap();
    let row = app
        .view::<Balance>()
        .get(&"ada".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.owner.as_str(), row.balance), ("ADA", 5));
    let loaded = app.load::<Account>(&"ada".into()).await.unwrap().unwrap();
    assert_eq!((loaded.state.balance, loaded.version), (5, 2));
    assert_eq!(app.load::<Account>(&"bob".into()).await.unwrap(), None);
}

#[tokio::test]
async fn a_rejection_is_the_domains_own() {
    let app = app().await;
    app.execute(open("ada")).await.unwrap();
    let error = app.execute(withdraw("ada", 7)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot withdraw 7 cents from a balance of 0"
    );
    assert!(error.rejection().is_some_and(|no| no.0 == 7 && no.1 == 0));
    assert_eq!(app.head().await.unwrap().position, Position::new(1));
}

#[tokio::test]
async fn existence_is_the_frameworks_answer() {
    let app = app().await;
    let missing = app.execute(deposit("ada", 5)).await.unwrap_err();
    assert_eq!(
        missing.to_string(),
        "`deposit` on `account/ada`: it does not exist"
    );
    app.execute(open("ada")).await.unwrap();
    let twice = app.execute(open("ada")).await.unwrap_err();
    assert_eq!(
        twice.to_string(),
        "`open` on `account/ada`: it exists already"
    );
    let nameless = app.execute(open("")).await.unwrap_err();
    assert_eq!(
        nameless.to_string(),
        "`open`: `account/` is not a stream: the id is empty"
    );
}

#[tokio::test]
async fn a_command_sent_again_answers_with_its_first_receipt() {
    let app = app().await;
    app.execute(open("ada")).await.unwrap();
    let id = Uuid::new_v4();
    let first = app.execute(deposit("ada", 5)).with_id(id).await.unwrap();
    app.execute(withdraw("ada", 5)).await.unwrap();
    let again = app.execute(deposit("ada", 5)).with_id(id).await.unwrap();
    assert!(again.repeated);
    assert_eq!(
        (again.version, again.position),
        (first.version, first.position)
    );
    // Also where it would be refused by now: the first answer counts.
    let id = Uuid::new_v4();
    app.execute(open("bob")).with_id(id).await.unwrap();
    assert!(app.execute(open("bob")).with_id(id).await.unwrap().repeated);
    let other = app
        .execute(deposit("bob", 1))
        .with_id(id)
        .await
        .unwrap_err();
    assert!(matches!(other, ExecuteError::CommandReused { stored, .. } if stored == "open"));
}

#[tokio::test]
async fn metadata_and_ids_travel_into_the_events() {
    let app = app().await;
    let (correlation, cause) = (Uuid::new_v4(), Uuid::new_v4());
    let metadata = Metadata::default().with("user", "bob");
    let at = "2010-12-01T08:26:00Z".parse().unwrap();
    app.execute(open("ada"))
        .correlation_id(correlation)
        .caused_by(cause)
        .occurred_at(at)
        .metadata(metadata.clone())
        .await
        .unwrap();
    let stream = StreamId::new("account", "ada").unwrap();
    let stored = app
        .events()
        .read_stream(&stream, 0, 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (stored.correlation_id, stored.causation_id),
        (correlation, Some(cause))
    );
    assert_eq!((stored.occurred_at, stored.metadata), (at, metadata));
}

#[tokio::test]
async fn a_fixed_version_is_never_retried() {
    let app = app().await;
    app.execute(open("ada")).await.unwrap();
    app.execute(deposit("ada", 5)).at_version(1).await.unwrap();
    let error = app
        .execute(deposit("ada", 5))
        .at_version(1)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`deposit` on `account/ada`: expected version 1, it has version 2"
    );
}

#[tokio::test]
async fn what_is_decided_on_a_cached_state_is_checked_against_the_store() {
    let stores = Stores::memory();
    let (here, there) = (
        App::builder(stores.clone()).await.unwrap(),
        App::builder(stores).await.unwrap(),
    );
    here.execute(open("ada")).await.unwrap();
    there.execute(deposit("ada", 5)).await.unwrap();
    // `here` still has a balance of 0 in its cache: neither the rejection nor the append may stand.
    here.execute(withdraw("ada", 5)).await.unwrap();
    let error = there.execute(withdraw("ada", 5)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot withdraw 5 cents from a balance of 0"
    );
    assert_eq!(there.execute(deposit("ada", 1)).await.unwrap().version, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_commands_of_several_apps_lose_nothing() {
    let stores = Stores::memory();
    let apps = [
        App::builder(stores.clone()).await.unwrap(),
        App::builder(stores).await.unwrap(),
    ];
    apps[0].execute(open("ada")).await.unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let app = apps[number % 2].clone();
            tokio::spawn(async move { app.execute(deposit("ada", 1)).await.map(|_| ()) })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => done += 1,
            Err(error) => assert!(matches!(error, ExecuteError::Conflict { .. }), "{error}"),
        }
    }
    let ada = apps[1]
        .load::<Account>(&"ada".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((ada.state.balance, ada.version), (done, done + 1));
}

#[tokio::test]
async fn a_dropped_command_still_stands_or_falls_as_a_whole() {
    let app = app().await;
    app.execute(open("ada")).await.unwrap();
    let mut command = Box::pin(std::future::IntoFuture::into_future(
        app.execute(deposit("ada", 5)),
    ));
    std::future::poll_fn(|context| {
        let _ = command.as_mut().poll(context);
        std::task::Poll::Ready(())
    })
    .await;
    drop(command);
    let receipt = app.execute(deposit("ada", 1)).await.unwrap();
    let ada = app.load::<Account>(&"ada".into()).await.unwrap().unwrap();
    assert_eq!(ada.version, receipt.version);
    assert_eq!(ada.state.balance, if receipt.version == 3 { 6 } else { 1 });
}

#[tokio::test]
async fn several_streams_change_in_one_step() {
    let app = app().await;
    app.execute(open("ada")).await.unwrap();
    app.execute(open("bob")).await.unwrap();
    let stream = |id| StreamId::new("account", id).unwrap();
    let transfer = |version| {
        Append::new("transfer")
            .events(
                stream("ada"),
                Expected::Exact(version),
                &[AccountEvent::Deposited { amount: 5 }],
            )
            .unwrap()
            .events(
                stream("bob"),
                Expected::Exact(1),
                &[AccountEvent::Deposited { amount: 7 }],
            )
            .unwrap()
    };
    app.append_all(transfer(9)).await.unwrap_err();
    let appended = app.append_all(transfer(1)).await.unwrap();
    app.wait_for_all(appended.position).await.unwrap();
    let rows = app.view::<Balance>().page(10).await.unwrap();
    let balances: Vec<_> = rows.iter().map(|row| row.balance).collect();
    assert_eq!(balances, [5, 7]);
}

//! Nodes on one log that hear of each other's appends: with an hour between two polls, nothing else would
//! bring them further.

#![cfg(feature = "postgres")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use cqrs::Position;
use cqrs::doc::{AccountCommand::*, Balance};
use cqrs::postgres::Postgres;
use cqrs::prelude::*;
use cqrs::view::MemoryViewStore;
use postgres_server::{Database, Proxy};
use tokio_stream::StreamExt;

const NEVER: Duration = Duration::from_secs(60 * 60);
const OFTEN: Duration = Duration::from_millis(20);

/// Longer than anything here takes: what does not come at all fails, and does not hang.
const WAIT: Duration = Duration::from_secs(60);

/// A node with a view of its own.
async fn node(url: &str, poll: Duration) -> App {
    let views = Arc::new(MemoryViewStore::default());
    let postgres = Postgres::open(url).await.unwrap();
    let app = App::builder(postgres.with_views(views)).project::<Balance>();
    app.poll_interval(poll).await.unwrap()
}

async fn open_account(app: &App, id: &str) -> Position {
    let (id, owner) = (id.into(), "Ada".into());
    app.execute(Open { id, owner }).await.unwrap().position
}

/// Until the view has come there by itself: `wait_for` would look at the log.
async fn comes_to(app: &App, position: Position) {
    let mut statuses = app.watch_projection::<Balance>().unwrap();
    let coming = async { while statuses.next().await.unwrap().position < position {} };
    let came = tokio::time::timeout(WAIT, coming).await;
    assert!(came.is_ok(), "{:?}", app.projections());
}

#[tokio::test]
async fn an_append_is_seen_by_other_nodes() {
    let database = Database::create().await.unwrap();
    let here = node(database.url(), NEVER).await;
    let there = node(database.url(), NEVER).await;
    for number in 0..20 {
        let teller = if number % 2 == 0 { &here } else { &there };
        let position = open_account(teller, &number.to_string()).await;
        comes_to(&here, position).await;
        comes_to(&there, position).await;
    }
}

/// Two of one process that were made from one `Postgres` are as two processes.
#[tokio::test]
async fn an_append_is_seen_by_other_applications_of_a_process() {
    let database = Database::create().await.unwrap();
    let postgres = Postgres::open(database.url()).await.unwrap();
    let application = async || {
        let views = Arc::new(MemoryViewStore::default());
        let app = App::builder(postgres.with_views(views)).project::<Balance>();
        app.poll_interval(NEVER).await.unwrap()
    };
    let (here, there) = (application().await, application().await);
    for number in 0..20 {
        let position = open_account(&here, &number.to_string()).await;
        comes_to(&there, position).await;
    }
}

#[tokio::test]
async fn who_begins_to_follow_later_hears_of_appends_too() {
    let database = Database::create().await.unwrap();
    let here = node(database.url(), NEVER).await;
    let views = Arc::new(MemoryViewStore::default());
    let postgres = Postgres::open(database.url()).await.unwrap();
    let there = App::builder(postgres.with_views(views)).poll_interval(NEVER);
    let there = there.await.unwrap();
    open_account(&here, "before").await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let handler = move |event: Recorded<cqrs::doc::AccountEvent>| {
        let told = tell.send(event.position);
        async move { told }
    };
    there.subscribe("mail", handler).await.unwrap();
    let position = open_account(&here, "after").await;
    let coming = async { while told.recv().await.unwrap() < position {} };
    tokio::time::timeout(WAIT, coming).await.unwrap();
}

#[tokio::test]
async fn polling_finds_what_is_not_heard_of() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    proxy.refuse_listeners();
    let here = node(database.url(), NEVER).await;
    let there = node(&proxy.url().unwrap(), OFTEN).await;
    for number in 0..3 {
        let position = open_account(&here, &number.to_string()).await;
        comes_to(&there, position).await;
    }
    while proxy.cuts() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_listener_that_was_cut_off_comes_back_and_has_missed_nothing() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let here = node(database.url(), NEVER).await;
    let there = node(&proxy.url().unwrap(), NEVER).await;
    let position = open_account(&here, "before").await;
    comes_to(&there, position).await;

    proxy.refuse_listeners();
    while proxy.cuts() == 0 {
        tokio::task::yield_now().await;
    }
    let missed = open_account(&here, "missed").await;
    proxy.admit_listeners();
    comes_to(&there, missed).await;

    let position = open_account(&here, "after").await;
    comes_to(&there, position).await;
}

#[tokio::test]
async fn a_listener_that_the_server_ended_comes_back() {
    let database = Database::create().await.unwrap();
    let here = node(database.url(), NEVER).await;
    let there = node(database.url(), NEVER).await;
    let mut raw = database.connect().await.unwrap();
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let mut ended = 0;
    for number in 0..3 {
        ended += sqlx::query_scalar::<_, i64>(end)
            .fetch_one(&mut raw)
            .await
            .unwrap();
        let position = open_account(&here, &number.to_string()).await;
        comes_to(&there, position).await;
    }
    assert!(ended > 0);
}

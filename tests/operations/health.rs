//! What an application says of itself.

use std::sync::Arc;
use std::time::Duration;

use cqrs::doc::Balance;
use cqrs::health::Standstill;
use cqrs::postgres::Postgres;
use cqrs::prelude::*;
use cqrs::projection::ProjectionState;
use cqrs::view::MemoryViewStore;
use postgres_server::{Database, Proxy};
use sqlx::{Executor, raw_sql};

use crate::domain::{
    Look, balance, deposit, is_live, is_retrying, open_account, open_app, status_when,
};

/// Views that stay reachable while the log is away.
async fn with_views_in_memory(url: &str) -> App {
    let views = Arc::new(MemoryViewStore::default());
    let postgres = Postgres::open(url).await.unwrap();
    let app = App::builder(postgres.with_views(views));
    app.project::<Balance>().await.unwrap()
}

#[tokio::test]
async fn a_view_is_not_live_while_its_log_cannot_be_read() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let app = with_views_in_memory(&proxy.url().unwrap()).await;
    let opened = open_account(&app, "ada").await;
    assert_eq!(balance(&app, "ada", opened.position).await, 0);
    status_when(&app, is_live).await;
    assert!(app.health().await.problems().is_empty());

    proxy.close();
    let status = status_when(&app, is_retrying).await;
    assert!(status.last_error.unwrap().contains("cannot be"));
    let health = app.health().await;
    assert!(health.log.head.is_err());
    let standstill = health.projections[0].standstill.as_ref();
    assert!(matches!(standstill, Some(Standstill::LogUnreadable { .. })));
    assert_eq!(health.problems().len(), 2, "{:?}", health.problems());

    proxy.open();
    status_when(&app, is_live).await;
    let last = deposit(&app, "ada", 5).await.position;
    assert_eq!(balance(&app, "ada", last).await, 5);
    assert!(app.health().await.problems().is_empty());
    app.shutdown().await;
}

#[tokio::test]
async fn a_log_that_does_not_answer_is_said_in_time() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let app = with_views_in_memory(&proxy.url().unwrap()).await;
    proxy.freeze();
    let health = tokio::time::timeout(Duration::from_secs(30), app.health());
    let problems = health.await.expect("it is bounded").problems();
    assert!(problems[0].contains("did not answer"), "{problems:?}");
    proxy.open();
}

#[tokio::test]
async fn the_node_without_the_lease_names_the_worker_that_has_it() {
    let database = Database::create().await.unwrap();
    let here = open_app(database.url()).await;
    status_when(&here, is_live).await;
    let there = open_app(database.url()).await;
    let is_standby = |state: &ProjectionState| matches!(state, ProjectionState::Standby { .. });
    status_when(&there, |status| is_standby(&status.state)).await;
    let health = there.health().await;
    let standstill = health.projections[0].standstill.as_ref();
    assert!(matches!(standstill, Some(Standstill::NoLease { .. })));
    assert!(health.problems().is_empty());
    assert!(here.health().await.projections[0].standstill.is_none());
    here.shutdown().await;
    there.shutdown().await;
}

/// What the append function does before it draws, and a position that is drawn then.
const HOLD: &str = "BEGIN;
    SELECT pg_advisory_xact_lock_shared(
        'cqrs.events_position_seq'::regclass::oid::bigint::bit(32)::integer,
        pg_sequence_last_value('cqrs.events_position_seq'::regclass)::bit(32)::integer
    );
    SELECT nextval('cqrs.events_position_seq')";

/// A slower append of somebody else holds the end of the log before what the decision has seen.
#[tokio::test]
async fn a_receipt_without_events_covers_what_the_decision_has_seen() {
    let database = Database::create().await.unwrap();
    let (here, there) = (
        open_app(database.url()).await,
        open_app(database.url()).await,
    );
    open_account(&here, "ada").await;
    let mut writer = database.connect().await.unwrap();
    writer.execute(raw_sql(HOLD)).await.unwrap();
    let deposited = deposit(&here, "ada", 5).await;

    let head = there.head().await.unwrap().position;
    assert!(head < deposited.position, "{head}");
    let looked = there.execute(Look { id: "ada".into() }).await.unwrap();
    assert_eq!((looked.events, looked.version), (0, deposited.version));
    assert_eq!(looked.position, deposited.position);

    let health = there.health().await;
    let mark = health.log.mark.unwrap();
    assert_eq!((mark.position, mark.behind()), (head, 2));
    assert!(mark.holder.unwrap().process.is_some());
    writer.execute("ROLLBACK").await.unwrap();
    assert_eq!(balance(&there, "ada", looked.position).await, 5);
    here.shutdown().await;
    there.shutdown().await;
}

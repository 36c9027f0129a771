//! Who holds back the end of the log is named, with how long.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::store::{EventAppender, LogMark, LogReader};
use cqrs_core::stream::Expected;
use cqrs_postgres::Postgres;
use postgres_server::Database;
use sqlx::{Executor, Row, raw_sql};

use common::{append, open};

/// What the append function does before it draws, and two positions that are drawn then.
const HOLD: &str = "BEGIN;
    SELECT pg_advisory_xact_lock_shared(
        'cqrs.events_position_seq'::regclass::oid::bigint::bit(32)::integer,
        pg_sequence_last_value('cqrs.events_position_seq'::regclass)::bit(32)::integer
    );
    SELECT nextval('cqrs.events_position_seq'), nextval('cqrs.events_position_seq')";

async fn with_three_events() -> (Postgres, Database) {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let batch = [append("a", Expected::NoStream, 3)];
    events.append(&batch).await.unwrap()[0].as_ref().unwrap();
    (postgres, database)
}

async fn mark(postgres: &Postgres) -> LogMark {
    postgres.events().mark().await.unwrap().unwrap()
}

#[tokio::test]
async fn nobody_holds_the_mark_of_a_quiet_log() {
    let (postgres, _database) = with_three_events().await;
    let mark = mark(&postgres).await;
    assert_eq!((mark.position.get(), mark.drawn.get()), (3, 3));
    assert_eq!((mark.behind(), mark.holder), (0, None));
}

#[tokio::test]
async fn a_session_that_holds_the_mark_is_named() {
    let (postgres, database) = with_three_events().await;
    let options = database.options().application_name("importer");
    let mut writer = sqlx::ConnectOptions::connect(&options).await.unwrap();
    let pid = writer.fetch_one("SELECT pg_backend_pid()").await.unwrap();
    writer.execute(raw_sql(HOLD)).await.unwrap();

    let held = mark(&postgres).await;
    assert_eq!((held.position.get(), held.behind()), (3, 2));
    let holder = held.holder.unwrap();
    assert_eq!(holder.process, Some(pid.get(0)));
    assert_eq!(holder.application.as_deref(), Some("importer"));
    assert!(holder.held_for().is_some(), "{holder:?}");
    assert_eq!(holder.prepared, None);

    writer.execute("ROLLBACK").await.unwrap();
    let mark = mark(&postgres).await;
    assert_eq!((mark.position.get(), mark.holder), (5, None));
}

#[tokio::test]
async fn a_prepared_transaction_that_holds_the_mark_is_named() {
    let (postgres, database) = with_three_events().await;
    let mut writer = database.connect().await.unwrap();
    let name = format!("forgotten {}", database.name());
    writer.execute(raw_sql(HOLD)).await.unwrap();
    let prepare = format!("PREPARE TRANSACTION '{name}'");
    writer
        .execute(raw_sql(sqlx::AssertSqlSafe(prepare)))
        .await
        .unwrap();

    let holder = mark(&postgres).await.holder.unwrap();
    assert_eq!(holder.process, None);
    assert_eq!(holder.prepared.as_deref(), Some(name.as_str()));
    assert!(holder.held_for().is_some(), "{holder:?}");
    assert!(holder.to_string().contains(&name), "{holder}");

    let rollback = format!("ROLLBACK PREPARED '{name}'");
    writer
        .execute(raw_sql(sqlx::AssertSqlSafe(rollback)))
        .await
        .unwrap();
    assert_eq!(mark(&postgres).await.holder, None);
}

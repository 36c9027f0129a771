//! Behind a pooler that gives each transaction another session: everything holds, but for the round trips
//! and what must keep a session.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::OnceLock;
use std::time::Duration;

use cqrs_core::store::{EventAppender, LogReader, StreamReader};
use cqrs_core::stream::Expected;
use cqrs_core::test::Fixture;
use cqrs_core::{event_store_contract, view_store_contract};
use cqrs_postgres::{Postgres, PostgresConfig};
use postgres_server::{Database, Pooler, Startup};
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{ConnectOptions, Executor, Row};

use common::{append, stream};

/// One for all tests of this process.
fn pooler() -> &'static Pooler {
    static POOLER: OnceLock<Pooler> = OnceLock::new();
    POOLER.get_or_init(|| Pooler::start(Startup::Refused).unwrap())
}

async fn open() -> Fixture {
    let database = Database::create().await.unwrap();
    let postgres = Postgres::open(&pooler().url(&database)).await.unwrap();
    Fixture::new(postgres.stores(), database)
}

event_store_contract!(open);
view_store_contract!(open);

/// Otherwise the others would show nothing.
#[tokio::test]
async fn the_statements_of_a_client_come_to_several_sessions() {
    let database = Database::create().await.unwrap();
    let url = pooler().plain_url(&database);
    let options = url.parse::<sqlx::postgres::PgConnectOptions>().unwrap();
    let connect = async || options.clone().extra_float_digits(None).connect().await;
    // A pool opens a session only when none is free.
    let mut clients = [connect().await.unwrap(), connect().await.unwrap()];
    for client in &mut clients {
        client.execute("BEGIN").await.unwrap();
    }
    for client in &mut clients {
        client.execute("COMMIT").await.unwrap();
    }
    let mut sessions = std::collections::BTreeSet::new();
    for _ in 0..6 {
        let rows = clients[0]
            .fetch_all(sqlx::raw_sql("SELECT pg_backend_pid()::text"))
            .await
            .unwrap();
        sessions.insert(rows[0].get::<String, _>(0));
    }
    assert!(sessions.len() > 1, "{sessions:?}");
}

/// Without sessions of its own, a process still tells of what it appends.
#[tokio::test]
async fn appends_are_announced_through_the_pooler() {
    let database = Database::create().await.unwrap();
    let postgres = Postgres::open(&pooler().url(&database)).await.unwrap();
    let pool = PgPoolOptions::new().connect_with(database.options()).await;
    let mut listener = PgListener::connect_with(&pool.unwrap()).await.unwrap();
    listener.listen("cqrs_log").await.unwrap();
    let batch = [append("a", Expected::NoStream, 3)];
    postgres.events().append(&batch).await.unwrap()[0]
        .as_ref()
        .unwrap();
    assert_eq!(listener.recv().await.unwrap().payload(), "3");
}

/// What is set must not stay behind in a session that another program is given next.
#[tokio::test]
async fn no_setting_stays_in_a_session() {
    let database = Database::create().await.unwrap();
    let mut config = PostgresConfig::from_url(&pooler().url(&database)).unwrap();
    config.statement_timeout = Duration::from_millis(12_345);
    config.lock_timeout = Duration::from_millis(12_345);
    let postgres = Postgres::open_with(config).await.unwrap();
    let batch = [append("a", Expected::NoStream, 1)];
    postgres.events().append(&batch).await.unwrap()[0]
        .as_ref()
        .unwrap();
    assert_eq!(postgres.events().head().await.unwrap().position.get(), 1);
    let url = pooler().plain_url(&database);
    let options = url.parse::<sqlx::postgres::PgConnectOptions>().unwrap();
    let mut client = options.extra_float_digits(None).connect().await.unwrap();
    let settings = "SELECT current_setting('statement_timeout') || current_setting('lock_timeout') || current_setting('synchronous_commit')";
    for _ in 0..6 {
        let rows = client.fetch_all(sqlx::raw_sql(settings)).await.unwrap();
        assert_eq!(rows[0].get::<String, _>(0), "00on");
    }
}

/// The limits hold all the same.
#[tokio::test]
async fn a_stream_that_is_locked_for_long_is_busy() {
    let database = Database::create().await.unwrap();
    let mut config = PostgresConfig::from_url(&pooler().url(&database)).unwrap();
    config.lock_timeout = Duration::from_millis(100);
    let events = Postgres::open_with(config).await.unwrap().events();
    let create = [append("a", Expected::NoStream, 1)];
    events.append(&create).await.unwrap()[0].as_ref().unwrap();
    let mut raw = database.connect().await.unwrap();
    raw.execute("BEGIN").await.unwrap();
    raw.execute("SELECT * FROM cqrs.streams FOR UPDATE")
        .await
        .unwrap();
    let busy = events.append(&[append("a", Expected::Exact(1), 1)]).await;
    let busy = busy.unwrap_err().to_string();
    assert!(busy.contains("100ms"), "{busy}");
    raw.execute("ROLLBACK").await.unwrap();
    // The connection was given back without the transaction that failed.
    assert_eq!(events.stream_version(&stream("a")).await.unwrap(), 1);
    let again = events.append(&[append("a", Expected::Exact(1), 1)]).await;
    again.unwrap()[0].as_ref().unwrap();
}

#[tokio::test]
async fn a_pooler_that_nobody_spoke_of_is_told() {
    let database = Database::create().await.unwrap();
    let dropping = Pooler::start(Startup::Dropped).unwrap();
    for pooler in [pooler(), &dropping] {
        let refused = Postgres::open(&pooler.plain_url(&database)).await;
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains("add `cqrs_pooler=transaction`"),
            "{refused}"
        );
    }
    Postgres::open(&dropping.url(&database)).await.unwrap();
}

#[tokio::test]
async fn settings_that_no_session_could_keep_are_refused() {
    let database = Database::create().await.unwrap();
    let url = format!("{}&options=-c%20work_mem=1MB", pooler().url(&database));
    let refused = Postgres::open(&url).await.unwrap_err().to_string();
    assert!(refused.contains("ALTER ROLE"), "{refused}");
}

/// Nothing stands in between, and it works all the same.
#[tokio::test]
async fn the_option_does_no_harm_without_a_pooler() {
    let database = Database::create().await.unwrap();
    let mut config = PostgresConfig::from_url(database.url()).unwrap();
    config.pooler = cqrs_postgres::Pooler::Transaction;
    let events = Postgres::open_with(config).await.unwrap().events();
    let batch = [append("a", Expected::NoStream, 3)];
    events.append(&batch).await.unwrap()[0].as_ref().unwrap();
    assert_eq!(events.head().await.unwrap().position.get(), 3);
}

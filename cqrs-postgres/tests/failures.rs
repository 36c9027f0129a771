//! What is wrong with a server, a database or a log is said, with what to do.

#![allow(clippy::unwrap_used)]

mod common;

use std::net::TcpListener;
use std::time::Duration;

use cqrs_core::store::{EventAppender, EventStore, LogReader, StoreError, StreamReader};
use cqrs_core::stream::Expected;
use cqrs_postgres::{Postgres, PostgresConfig};
use postgres_server::{Cluster, Database, LOCKED_ROLE, PASSWORD};
use sqlx::{AssertSqlSafe, Executor, Row, raw_sql};

use common::{append, open, stream};

async fn refused(url: &str) -> String {
    match Postgres::open(url).await.unwrap_err() {
        StoreError::Unreachable { store, reason } => format!("{store} | {reason}"),
        other => panic!("{other:?}"),
    }
}

fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in: {text}");
    }
}

#[tokio::test]
async fn a_wrong_password_says_so_and_is_not_shown() {
    // Not the one of `DATABASE_URL`, which need not ask for a password.
    let server = Cluster::start().unwrap();
    let as_role = |password: &str| {
        let role = format!("{LOCKED_ROLE}:{password}@");
        server.url().replacen("postgres@", &role, 1)
    };
    let text = refused(&as_role("sesame")).await;
    contains(
        &text,
        &[
            "password authentication failed",
            "check user and password",
            "`postgres`",
        ],
    );
    assert!(!text.contains("sesame"), "{text}");
    // The right one is refused for another reason: the role may not make a schema.
    let text = refused(&as_role(PASSWORD)).await;
    contains(&text, &["permission denied", "grant the user"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let text = refused(&format!("postgres://ada@127.0.0.1:{port}/shop")).await;
    contains(
        &text,
        &[
            "`shop`",
            &port.to_string(),
            "cannot be reached",
            "host and port",
        ],
    );
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://ada@127.0.0.1:{port}/shop?sslmode=disable");
    let mut config = PostgresConfig::from_url(&url).unwrap();
    config.acquire_timeout = Duration::from_millis(50);
    let error = Postgres::open_with(config).await.unwrap_err();
    contains(&error.to_string(), &["did not answer for 50ms"]);
}

#[tokio::test]
async fn a_missing_database_is_named() {
    let database = Database::create().await.unwrap();
    let url = database.url().replace(database.name(), "no_such_shop");
    contains(
        &refused(&url).await,
        &["`no_such_shop`", "does not exist", "createdb"],
    );
}

#[tokio::test]
async fn a_database_of_another_encoding_is_refused() {
    let database = Database::create().await.unwrap();
    let mut raw = database.connect().await.unwrap();
    let other = format!("{}_latin", database.name());
    let create = format!("CREATE DATABASE {other} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    raw.execute(AssertSqlSafe(create)).await.unwrap();
    let text = refused(&database.url().replace(database.name(), &other)).await;
    raw.execute(AssertSqlSafe(format!("DROP DATABASE {other} WITH (FORCE)")))
        .await
        .unwrap();
    contains(&text, &["LATIN1", "ENCODING 'UTF8'"]);
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_refused() {
    let (postgres, database) = open().await;
    let mut raw = database.connect().await.unwrap();
    let read_only = format!(
        "ALTER DATABASE {} SET default_transaction_read_only = on",
        database.name()
    );
    raw.execute(AssertSqlSafe(read_only)).await.unwrap();
    contains(
        &refused(database.url()).await,
        &["takes no writes", "primary"],
    );

    // One that stops taking writes while it is open, as after a failover, says the same.
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()",
        database.name()
    );
    raw.execute(raw_sql(AssertSqlSafe(end))).await.unwrap();
    let events = postgres.events();
    assert_eq!(
        events.stream_version(&stream("a")).await.unwrap(),
        0,
        "another connection is opened"
    );
    let error = events
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap_err();
    contains(&error.to_string(), &["takes no writes", "primary"]);
    assert!(error.is_transient());
}

async fn spoilt(change: &'static str) -> String {
    let (postgres, database) = open().await;
    let events = postgres.events();
    events
        .append(&[append("a", Expected::NoStream, 5)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    database
        .connect()
        .await
        .unwrap()
        .execute(change)
        .await
        .unwrap();
    refused(database.url()).await
}

#[tokio::test]
async fn a_sequence_that_gives_positions_out_of_order_is_refused() {
    for change in [
        "ALTER SEQUENCE cqrs.events_position_seq CACHE 32",
        "ALTER SEQUENCE cqrs.events_position_seq INCREMENT BY 10",
        "ALTER SEQUENCE cqrs.events_position_seq CYCLE",
    ] {
        contains(
            &spoilt(change).await,
            &[
                "out of order",
                "ALTER SEQUENCE \"cqrs\".events_position_seq",
            ],
        );
    }
}

#[tokio::test]
async fn a_sequence_that_would_give_positions_again_is_refused() {
    let text = spoilt("SELECT setval('cqrs.events_position_seq', 4)").await;
    contains(&text, &["stands at 4", "last position 5", "setval"]);
}

#[tokio::test]
async fn a_log_that_is_set_back_while_it_is_followed_is_refused() {
    for change in [
        "SELECT setval('cqrs.events_position_seq', 4)",
        "ALTER TABLE cqrs.events DISABLE TRIGGER USER; DELETE FROM cqrs.events WHERE position = 5",
        "UPDATE cqrs.log SET id = gen_random_uuid()",
    ] {
        let (postgres, database) = open().await;
        let events = postgres.events();
        events
            .append(&[append("a", Expected::NoStream, 5)])
            .await
            .unwrap()[0]
            .as_ref()
            .unwrap();
        assert_eq!(events.head().await.unwrap().position.get(), 5);
        let mut raw = database.connect().await.unwrap();
        raw.execute(raw_sql(change)).await.unwrap();
        let error = events.head().await.unwrap_err();
        contains(&error.to_string(), &["was set back while"]);
    }
}

#[tokio::test]
async fn streams_that_stay_locked_are_busy() {
    let (_, database) = open().await;
    let mut config = PostgresConfig::from_url(database.url()).unwrap();
    config.lock_timeout = Duration::from_millis(50);
    let events = Postgres::open_with(config).await.unwrap().events();
    events
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    let mut raw = database.connect().await.unwrap();
    raw.execute(raw_sql("BEGIN; SELECT * FROM cqrs.streams FOR UPDATE"))
        .await
        .unwrap();
    let error = events
        .append(&[append("a", Expected::Exact(1), 1)])
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    // Other streams are not waited for.
    events
        .append(&[append("b", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    raw.execute("ROLLBACK").await.unwrap();
    events
        .append(&[append("a", Expected::Exact(1), 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
}

#[tokio::test]
async fn connections_that_are_all_taken_are_waited_for_and_no_longer() {
    let (_, database) = open().await;
    let mut config = PostgresConfig::from_url(database.url()).unwrap();
    config.max_connections = 1;
    config.acquire_timeout = Duration::from_secs(2);
    let events = Postgres::open_with(config).await.unwrap().events();
    events
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    let mut raw = database.connect().await.unwrap();
    raw.execute(raw_sql("BEGIN; SELECT * FROM cqrs.streams FOR UPDATE"))
        .await
        .unwrap();
    let waiting = events.clone();
    let append =
        tokio::spawn(async move { waiting.append(&[append("a", Expected::Any, 1)]).await });
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    while raw.fetch_one(waits).await.unwrap().get::<i64, _>(0) == 0 {
        tokio::task::yield_now().await;
    }
    let error = events.head().await.unwrap_err();
    contains(
        &error.to_string(),
        &["no connection became free", "max_connections"],
    );
    raw.execute("ROLLBACK").await.unwrap();
    append.await.unwrap().unwrap()[0].as_ref().unwrap();
}

#[tokio::test]
async fn a_refused_payload_stores_nothing_of_its_batch() {
    let (postgres, _database) = open().await;
    let events = postgres.events();
    let mut bad = append("bad", Expected::NoStream, 1);
    bad.writes[0].events[0].payload = "{ no json".to_owned();
    let batch = [append("good", Expected::NoStream, 1), bad];
    let error = events.append(&batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Failed { .. }) && !error.is_transient());
    contains(&error.full_text(), &["invalid input syntax for type json"]);
    assert_eq!(events.stream_version(&stream("good")).await.unwrap(), 0);
}

/// Each row of a new stream takes its time, so that batches overlap.
const DAWDLE: &str = "
    CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.001); RETURN NEW; END $$;
    CREATE TRIGGER dawdle BEFORE INSERT ON cqrs.streams FOR EACH ROW EXECUTE FUNCTION public.dawdle()";

/// Both start in the same order however the batches name them, so they never wait for each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_over_the_same_new_streams_do_not_deadlock() {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let mut raw = database.connect().await.unwrap();
    raw.execute(raw_sql(DAWDLE)).await.unwrap();
    for round in 0..3 {
        let writers = (0..8_usize).map(|writer| {
            let events = events.clone();
            let mut ids: Vec<_> = (0..16).map(|id| format!("{round}-{id}")).collect();
            if writer % 2 == 0 {
                ids.reverse();
            }
            tokio::spawn(async move {
                let batch: Vec<_> = ids.iter().map(|id| append(id, Expected::Any, 1)).collect();
                events.append(&batch).await
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            let answers = writer.await.unwrap().unwrap();
            assert!(answers.iter().all(Result::is_ok));
        }
    }
    assert_eq!(events.head().await.unwrap().position.get(), 3 * 8 * 16);
    // One that was would have been sent again, so the answers do not show it. Sessions tell at their end.
    drop((events, postgres));
    let sql =
        "SELECT numbackends, deadlocks FROM pg_stat_database WHERE datname = current_database()";
    loop {
        let row = raw.fetch_one(sql).await.unwrap();
        if row.get::<i32, _>(0) == 1 {
            assert_eq!(row.get::<i64, _>(1), 0);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Row by row, as a stranger would put them in: the named constraints are the second line.
#[tokio::test]
async fn what_was_put_in_past_the_function_is_not_written_over() {
    let (postgres, database) = open().await;
    let events: std::sync::Arc<dyn EventStore> = std::sync::Arc::new(postgres.events());
    events
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    let mut raw = database.connect().await.unwrap();
    let insert = "INSERT INTO cqrs.events (position, event_id, category, stream_id, version, name, schema_version, payload, correlation_id, command_id, recorded_at) SELECT nextval('cqrs.events_position_seq'), gen_random_uuid(), category, stream_id, 2, name, 1, payload, correlation_id, command_id, recorded_at FROM cqrs.events";
    raw.execute(insert).await.unwrap();
    let error = events
        .append(&[append("a", Expected::Exact(1), 1)])
        .await
        .unwrap_err();
    contains(&error.full_text(), &["uq_events_stream_version"]);
    assert_eq!(
        events.read_stream(&stream("a"), 0, 10).await.unwrap().len(),
        2
    );
}

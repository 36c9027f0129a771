//! Migrations: by several nodes at once, by hand, and those that are missing or too new.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::store::{EventAppender, LogReader, StoreError, StreamReader};
use cqrs_core::stream::Expected;
use cqrs_postgres::{Migrations, Postgres, PostgresConfig};
use postgres_server::Database;
use sqlx::{AssertSqlSafe, Executor, Row, raw_sql};

use common::{append, stream};

fn config(database: &Database, schema: &str) -> PostgresConfig {
    let mut config = PostgresConfig::from_url(database.url()).unwrap();
    config.schema = schema.to_owned();
    config
}

fn that_requires(database: &Database, schema: &str) -> PostgresConfig {
    let mut config = config(database, schema);
    config.migrations = Migrations::Require;
    config
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_nodes_start_at_once() {
    let database = Database::create().await.unwrap();
    let nodes = (0..8).map(|_| tokio::spawn(Postgres::open_with(config(&database, "shop"))));
    let mut logs = Vec::new();
    for node in nodes.collect::<Vec<_>>() {
        let events = node.await.unwrap().unwrap().events();
        logs.push(events.head().await.unwrap().log_id);
    }
    logs.dedup();
    assert_eq!(logs.len(), 1, "one log with one identity");
}

#[tokio::test]
async fn what_is_missing_is_named_where_it_may_not_be_applied() {
    let database = Database::create().await.unwrap();
    let refused = Postgres::open_with(that_requires(&database, "shop"))
        .await
        .unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("schema `shop` has seen migration 0 of 15"),
        "{text}"
    );
    assert!(text.contains("Postgres::migrations_sql"), "{text}");
    let mut raw = database.connect().await.unwrap();
    let made = raw
        .fetch_optional("SELECT 1 FROM pg_namespace WHERE nspname = 'shop'")
        .await
        .unwrap();
    assert!(made.is_none(), "nothing was made");
}

/// The columns, indexes, functions and triggers of a schema, as text.
async fn description(database: &Database, schema: &str) -> Vec<String> {
    let sql = format!(
        "SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line
        FROM information_schema.columns WHERE table_schema = '{schema}'
        UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = '{schema}'
        UNION ALL SELECT 'function ' || pg_get_functiondef(oid) || coalesce(proacl::text, '')
        FROM pg_proc WHERE pronamespace = '{schema}'::regnamespace
        UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) || tgenabled::text
        FROM pg_trigger WHERE tgrelid = '{schema}.events'::regclass
        ORDER BY line"
    );
    let mut raw = database.connect().await.unwrap();
    let rows = raw.fetch_all(AssertSqlSafe(sql)).await.unwrap();
    let lines = rows
        .iter()
        .map(|row| row.get::<String, _>(0).replace(schema, "it"));
    lines.collect()
}

#[tokio::test]
async fn the_script_makes_the_same_schema_and_can_be_run_again() {
    let database = Database::create().await.unwrap();
    Postgres::open_with(config(&database, "by_program"))
        .await
        .unwrap();
    let mut raw = database.connect().await.unwrap();
    for _ in 0..2 {
        let script = Postgres::migrations_sql("by_hand").unwrap();
        raw.execute(raw_sql(AssertSqlSafe(script))).await.unwrap();
    }
    let by_hand = description(&database, "by_hand").await;
    assert!(by_hand.len() > 30);
    assert_eq!(by_hand, description(&database, "by_program").await);

    let events = Postgres::open_with(that_requires(&database, "by_hand"))
        .await
        .unwrap()
        .events();
    events
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let database = Database::create().await.unwrap();
    Postgres::open_with(config(&database, "cqrs"))
        .await
        .unwrap();
    let mut raw = database.connect().await.unwrap();
    raw.execute("INSERT INTO cqrs.migrations (number) VALUES (16)")
        .await
        .unwrap();
    let refused = Postgres::open_with(config(&database, "cqrs"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::NewerSchema {
                found: 16,
                known: 15,
                ..
            }
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn several_services_share_a_database() {
    let database = Database::create().await.unwrap();
    let orders = Postgres::open_with(config(&database, "orders"))
        .await
        .unwrap()
        .events();
    let bills = Postgres::open_with(config(&database, "bills"))
        .await
        .unwrap()
        .events();
    orders
        .append(&[append("a", Expected::NoStream, 3)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    bills
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    let (of_orders, of_bills) = (orders.head().await.unwrap(), bills.head().await.unwrap());
    assert_ne!(of_orders.log_id, of_bills.log_id);
    assert_eq!((of_orders.position.get(), of_bills.position.get()), (3, 1));
    assert_eq!(bills.stream_version(&stream("a")).await.unwrap(), 1);

    // What is being written to one log holds back the readers of that one alone.
    let mut raw = database.connect().await.unwrap();
    let lock = "BEGIN; SELECT pg_advisory_xact_lock_shared('orders.events_position_seq'::regclass::oid::bigint::bit(32)::integer, 3)";
    raw.execute(raw_sql(lock)).await.unwrap();
    orders
        .append(&[append("b", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    bills
        .append(&[append("b", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    assert_eq!(orders.head().await.unwrap().position.get(), 3);
    assert_eq!(bills.head().await.unwrap().position.get(), 2);
    raw.execute("ROLLBACK").await.unwrap();
    assert_eq!(orders.head().await.unwrap().position.get(), 4);
}

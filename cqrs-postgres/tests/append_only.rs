//! An event, once appended, can neither be changed nor deleted.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::store::{EventAppender, StreamReader};
use cqrs_core::stream::Expected;
use cqrs_postgres::Postgres;
use sqlx::Executor;

use common::{append, open, stream};

async fn is_refused(change: &'static str) {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let batch = [append("a", Expected::NoStream, 3)];
    events.append(&batch).await.unwrap()[0].as_ref().unwrap();
    let before = events.read_stream(&stream("a"), 0, 10).await.unwrap();

    let mut owner = database.connect().await.unwrap();
    let refused = owner.execute(change).await.unwrap_err();
    let refused = refused.as_database_error().unwrap();
    assert_eq!(refused.code().unwrap(), "23001", "restrict_violation");
    assert_eq!(before.len(), 3);
    let after = events.read_stream(&stream("a"), 0, 10).await.unwrap();
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_update_is_refused() {
    is_refused("UPDATE cqrs.events SET payload = '{}' WHERE version = 2").await;
}

#[tokio::test]
async fn a_deletion_is_refused() {
    is_refused("DELETE FROM cqrs.events WHERE version = 3").await;
}

#[tokio::test]
async fn truncation_is_refused() {
    is_refused("TRUNCATE cqrs.events").await;
}

#[tokio::test]
async fn a_replication_role_is_refused_too() {
    is_refused("SET session_replication_role = replica; DELETE FROM cqrs.events").await;
}

/// Privileges that a database gives by default do not let anybody write the log.
#[tokio::test]
async fn default_privileges_are_taken_back() {
    let database = postgres_server::Database::create().await.unwrap();
    let mut owner = database.connect().await.unwrap();
    let grant = "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC";
    owner.execute(grant).await.unwrap();
    Postgres::open(database.url()).await.unwrap();
    let row =
        owner.fetch_one("SELECT relacl::text FROM pg_class WHERE oid = 'cqrs.events'::regclass");
    let rights: String = sqlx::Row::get(&row.await.unwrap(), 0);
    assert!(!rights.contains("{=") && !rights.contains(",="), "{rights}");
}

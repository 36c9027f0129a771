//! An event, once appended, can neither be changed nor deleted, and gets into the log by the function
//! alone.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use cqrs_core::checkpoint::{Checkpoint, ClaimRequest};
use cqrs_core::store::{EventAppender, LogReader, StreamReader};
use cqrs_core::stream::{Expected, Position};
use cqrs_core::view::{
    BuildOutcome, ColumnKind, ColumnSchema, LetterOrder, SwapOutcome, ViewSchema, ViewStore,
};
use cqrs_postgres::{Migrations, Postgres, PostgresConfig};
use sqlx::{AssertSqlSafe, Executor};

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

/// What the guide says to grant is enough to run an application, and not to write past the function.
#[tokio::test]
async fn another_role_appends_by_the_function_alone() {
    let (_owner, database) = open().await;
    let mut owner = database.connect().await.unwrap();
    let role = format!("role_of_{}", database.name());
    let guide = include_str!("../../docs/guide/events-on-postgres.md");
    let grants = guide.split("```sql\n").nth(1).unwrap();
    let grants = grants
        .split("```")
        .next()
        .unwrap()
        .replace("shop_app", &role);
    let sql = format!("CREATE ROLE {role} LOGIN PASSWORD 'secret'; {grants}");
    owner.execute(AssertSqlSafe(sql)).await.unwrap();

    let url = database.url_as(&role, "secret");
    let mut config = PostgresConfig::from_url(&url).unwrap();
    config.migrations = Migrations::Require;
    let postgres = Postgres::open_with(config).await.unwrap();
    rebuild_a_view(&postgres).await;
    let events = postgres.events();
    drop(postgres);
    let batch = [append("a", Expected::NoStream, 2)];
    let appended = events.append(&batch).await.unwrap();
    let position = appended[0].as_ref().unwrap().position;
    assert_eq!(events.head().await.unwrap().position, position);
    assert!(position > Position::START);

    let mut raw =
        sqlx::ConnectOptions::connect(&database.options().username(&role).password("secret"))
            .await
            .unwrap();
    for write in [
        "INSERT INTO cqrs.events SELECT * FROM cqrs.events",
        "UPDATE cqrs.streams SET version = 7",
        "SELECT nextval('cqrs.events_position_seq')",
        "DELETE FROM cqrs.log",
    ] {
        let refused = raw.execute(write).await.unwrap_err();
        let code = refused
            .as_database_error()
            .unwrap()
            .code()
            .unwrap()
            .into_owned();
        assert_eq!(code, "42501", "insufficient_privilege: {write}");
    }
    drop(raw);
    drop(events);
    let sql = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    // Its sessions may need a moment to end; a role that is logged in can be dropped all the same.
    owner.execute(AssertSqlSafe(sql)).await.unwrap();
}

/// What makes, writes, renames and drops tables.
async fn rebuild_a_view(postgres: &Postgres) {
    let mut schema = ViewSchema::new("names", 1);
    schema.columns = vec![ColumnSchema::new("name", ColumnKind::Text)];
    schema.indexes = vec![vec![0]];
    schema.full_text = vec![0];
    let views = postgres.views();
    let table = views.open(&schema).await.unwrap();
    let log = postgres.events().head().await.unwrap().log_id;
    let initial = Checkpoint::new(log, Position::START, None);
    let request = ClaimRequest::new(log, Duration::from_secs(60), &initial);
    let built = views.build(&schema, request).await.unwrap();
    let BuildOutcome::Held { table: new, claim } = built else {
        panic!("it is free: {built:?}");
    };
    let order = LetterOrder::RetryAll;
    new.letters().ask(log, &order).await.unwrap();
    let swapped = new.swap(&claim, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
    assert_eq!(table.count(&[]).await.unwrap(), 0);
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

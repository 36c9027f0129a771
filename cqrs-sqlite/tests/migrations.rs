//! The schema of a file: made whole, never twice, and never over what is not ours.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::store::{LogReader, StoreError};
use cqrs_sqlite::{Sqlite, SqliteConfig};
use sqlx::{Connection, Executor, Row};

use common::{number, open, place, raw};

#[tokio::test]
async fn a_new_file_has_all_of_the_schema() {
    let (_folder, path) = place();
    open(&path).await;
    let mut file = raw(&path).await;
    let objects = file
        .fetch_all("SELECT name FROM sqlite_schema WHERE name LIKE 'cqrs_%' ORDER BY name")
        .await
        .unwrap();
    let names: Vec<String> = objects.iter().map(|row| row.get(0)).collect();
    let expected = [
        "cqrs_checkpoints",
        "cqrs_dead_letters",
        "cqrs_events",
        "cqrs_held_events",
        "cqrs_letter_requests",
        "cqrs_log",
        "cqrs_migrations",
        "cqrs_refuse_event_delete",
        "cqrs_refuse_event_update",
        "cqrs_snapshots",
        "cqrs_standbys",
        "cqrs_views",
    ];
    assert_eq!(names, expected);
    assert_eq!(number(&mut file, "SELECT count(*) FROM cqrs_log").await, 1);
    let applied = number(&mut file, "SELECT count(*) FROM cqrs_migrations").await;
    assert_eq!(
        applied as usize,
        std::fs::read_dir("migrations").unwrap().count()
    );
}

#[tokio::test]
async fn a_file_keeps_its_identity() {
    let (_folder, path) = place();
    let first = open(&path).await.events().head().await.unwrap();
    let again = open(&path).await.events().head().await.unwrap();
    assert_eq!(first, again);
    let (_folder, path) = place();
    let other = open(&path).await.events().head().await.unwrap();
    assert_ne!(first.log_id, other.log_id);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_as_it_is() {
    let (_folder, path) = place();
    let mut file = raw(&path).await;
    let newer = "CREATE TABLE cqrs_migrations (number INTEGER PRIMARY KEY, applied_at INTEGER);
        INSERT INTO cqrs_migrations VALUES (1000, 0)";
    file.execute(newer).await.unwrap();
    file.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();

    let refused = Sqlite::open_with(SqliteConfig::new(&path))
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::NewerSchema {
                found: 1000,
                known: 10,
                ..
            }
        ),
        "{refused}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let (_folder, path) = place();
    let letter = "Dear Ada, this is a letter and not a database. ".repeat(100);
    std::fs::write(&path, &letter).unwrap();

    let refused = Sqlite::open_with(SqliteConfig::new(&path))
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
    assert!(refused.to_string().contains("shop.db"), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

#[tokio::test]
async fn a_file_with_tables_of_the_users_is_shared() {
    let (_folder, path) = place();
    let mut file = raw(&path).await;
    let theirs = "CREATE TABLE invoices (id INTEGER PRIMARY KEY); INSERT INTO invoices VALUES (7)";
    file.execute(theirs).await.unwrap();
    open(&path).await;
    assert_eq!(number(&mut file, "SELECT id FROM invoices").await, 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_file_can_be_made_by_several_at_once() {
    for _ in 0..10 {
        let (_folder, path) = place();
        let opened: Vec<_> = (0..4)
            .map(|_| {
                let config = SqliteConfig::new(&path);
                tokio::spawn(async { Sqlite::open_with(config).await.unwrap() })
            })
            .collect();
        let mut identities = Vec::new();
        for sqlite in opened {
            let head = sqlite.await.unwrap().events().head().await.unwrap();
            identities.push(head.log_id);
        }
        identities.dedup();
        assert_eq!(identities.len(), 1);
    }
}

/// Before tables could be swapped, the SQL view of the plain name said which one answers.
#[tokio::test]
async fn a_view_of_an_older_file_goes_on_answering() {
    let (_folder, path) = place();
    let mut file = raw(&path).await;
    file.execute(include_str!("../src/sql/create_migrations.sql"))
        .await
        .unwrap();
    for migration in [
        include_str!("../migrations/0001_create_log.sql"),
        include_str!("../migrations/0002_create_events.sql"),
        include_str!("../migrations/0003_refuse_event_change.sql"),
        include_str!("../migrations/0004_create_checkpoints.sql"),
        include_str!("../migrations/0005_create_snapshots.sql"),
    ] {
        file.execute(migration).await.unwrap();
    }
    let made = "INSERT INTO cqrs_migrations VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0);
        CREATE TABLE \"stock_0123456789abcdef\" (code TEXT PRIMARY KEY) STRICT;
        CREATE VIEW \"stock\" AS SELECT \"code\" FROM \"stock_0123456789abcdef\";
        INSERT INTO cqrs_checkpoints (view, fingerprint, position, epoch)
        VALUES ('stock', '0123456789abcdef', 7, 1), ('stock', 'fedcba9876543210', 3, 1)";
    file.execute(made).await.unwrap();
    open(&path).await;
    let serving = "SELECT count(*) FROM cqrs_views
        WHERE view = 'stock' AND fingerprint = '0123456789abcdef'";
    assert_eq!(number(&mut file, serving).await, 1);
    assert_eq!(
        number(&mut file, "SELECT count(*) FROM cqrs_views").await,
        1
    );
    let kept = "SELECT count(*) FROM cqrs_checkpoints WHERE leased_until > 0 AND answers";
    assert_eq!(number(&mut file, kept).await, 2, "none is dropped at once");
}

/// Also where an SQL view of somebody's own shows a table that is gone, which no rename would survive.
#[tokio::test]
async fn what_a_view_kept_before_partitions_is_that_of_its_only_one() {
    let (_folder, path) = place();
    let mut file = raw(&path).await;
    file.execute(include_str!("../src/sql/create_migrations.sql"))
        .await
        .unwrap();
    for migration in [
        include_str!("../migrations/0001_create_log.sql"),
        include_str!("../migrations/0002_create_events.sql"),
        include_str!("../migrations/0003_refuse_event_change.sql"),
        include_str!("../migrations/0004_create_checkpoints.sql"),
        include_str!("../migrations/0005_create_snapshots.sql"),
        include_str!("../migrations/0006_create_views.sql"),
        include_str!("../migrations/0007_add_followed_events.sql"),
        include_str!("../migrations/0008_create_dead_letters.sql"),
    ] {
        file.execute(migration).await.unwrap();
    }
    let made = "INSERT INTO cqrs_migrations
        VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0);
        INSERT INTO cqrs_checkpoints
            (view, fingerprint, position, epoch, leased_until, shape, answers, events, added)
        VALUES ('stock', '0123456789abcdef', 7, 3, 5, 'fedc', 1, '[\"a\"]', '[\"b\"]');
        INSERT INTO cqrs_held_events VALUES ('stock', '0123456789abcdef', 'row:a', 5);
        INSERT INTO cqrs_dead_letters
        VALUES ('stock', '0123456789abcdef', 5, 'row:a', 'c', 's', 1, 'n', x'00', 0, 'why', 2, NULL);
        INSERT INTO cqrs_letter_requests (view, fingerprint, request_id, letter_order, asked_at)
        VALUES ('stock', '0123456789abcdef', x'01', '{}', 0);
        CREATE TABLE gone (a); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone";
    file.execute(made).await.unwrap();
    open(&path).await;
    for kept in [
        "SELECT count(*) FROM cqrs_checkpoints WHERE partition = 0 AND position = 7 AND epoch = 3 AND shape = 'fedc'
            AND answers = 1 AND events = '[\"a\"]' AND added = '[\"b\"]' AND leased_until = 5",
        "SELECT count(*) FROM cqrs_held_events WHERE partition = 0 AND held_key = 'row:a' AND position = 5",
        "SELECT count(*) FROM cqrs_dead_letters WHERE partition = 0 AND held_key = 'row:a' AND attempts = 2",
        "SELECT count(*) FROM cqrs_letter_requests WHERE partition = 0 AND request_id = x'01'",
    ] {
        assert_eq!(number(&mut file, kept).await, 1, "{kept}");
    }
}

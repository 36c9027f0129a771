//! What goes wrong with a file is said clearly, and nothing is half-written.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;
use std::time::Duration;

use cqrs_core::store::{Append, EventAppender, LogReader, ReadLog, StoreError, StreamReader};
use cqrs_core::stream::{Expected, Position};
use cqrs_core::view::{ColumnKind, ColumnSchema, ViewSchema, ViewStore};
use cqrs_sqlite::{Sqlite, SqliteConfig};
use sqlx::Executor;

use common::{append, event, number, open, place, raw, stream};

async fn refusal(path: &Path) -> StoreError {
    Sqlite::open_with(SqliteConfig::new(path))
        .await
        .unwrap_err()
}

fn large(id: &str) -> Append {
    let mut large = append(id, Expected::Any, 1);
    large.writes[0].events = (0..40)
        .map(|_| event(&format!("\"{}\"", "x".repeat(8000))))
        .collect();
    large
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_keeps_working() {
    let (_folder, path) = place();
    let mut config = SqliteConfig::new(&path);
    config.max_pages = Some(200);
    let limited = Sqlite::open_with(config).await.unwrap().events();
    let mut stored = 0;
    let full = loop {
        match limited.append(&[large("a"), large("b")]).await {
            Ok(answers) => stored += answers.iter().filter(|answer| answer.is_ok()).count(),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::Full { .. }), "{full}");
    assert!(full.is_transient());
    assert_eq!(stored % 2, 0);

    let whole = stored as u64 * 40;
    assert_eq!(limited.head().await.unwrap().position, Position::new(whole));
    assert_eq!(
        limited.stream_version(&stream("a")).await.unwrap(),
        whole / 2
    );
    assert_eq!(
        limited.stream_version(&stream("b")).await.unwrap(),
        whole / 2
    );
    drop(limited);

    let roomy = open(&path).await.events();
    roomy.append(&[large("a")]).await.unwrap()[0]
        .as_ref()
        .unwrap();
    let all = ReadLog::between(Position::START, Position::new(u64::MAX), 10_000);
    let events = roomy.read_log(&all).await.unwrap();
    let positions: Vec<u64> = events.iter().map(|event| event.position.get()).collect();
    assert_eq!(positions, (1..=whole + 40).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_small_append_fits_after_a_large_one_did_not() {
    let (_folder, path) = place();
    let mut config = SqliteConfig::new(&path);
    config.max_pages = Some(60);
    let events = Sqlite::open_with(config).await.unwrap().events();
    let full = events.append(&[large("a")]).await.unwrap_err();
    assert!(matches!(full, StoreError::Full { .. }), "{full}");
    let small = events
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap();
    assert_eq!(small[0].as_ref().unwrap().position, Position::new(1));
}

#[tokio::test]
async fn a_writer_that_does_not_end_is_named_as_busy() {
    let (_folder, path) = place();
    let mut config = SqliteConfig::new(&path);
    config.busy_timeout = Duration::from_millis(50);
    let events = Sqlite::open_with(config).await.unwrap().events();
    let mut other = raw(&path).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();

    let batch = [append("a", Expected::NoStream, 1)];
    let busy = events.append(&batch).await.unwrap_err();
    assert!(matches!(busy, StoreError::Busy { .. }), "{busy}");
    let text = busy.full_text();
    assert!(text.contains("shop.db") && text.contains("50ms"), "{text}");
    assert!(!text.contains("database is locked"), "{text}");
    assert_eq!(
        events.head().await.unwrap().position,
        Position::START,
        "reads go on"
    );

    other.execute("COMMIT").await.unwrap();
    events.append(&batch).await.unwrap()[0].as_ref().unwrap();
}

#[tokio::test]
async fn a_writer_whose_caller_went_away_leaves_nothing_open() {
    let (_folder, path) = place();
    let events = open(&path).await.events();
    let mut other = raw(&path).await;
    for length in 0..40 {
        let batch = [append("a", Expected::Any, 100)];
        let limit = Duration::from_micros(length * 50);
        let _ = tokio::time::timeout(limit, events.append(&batch)).await;
        other.execute("BEGIN IMMEDIATE; ROLLBACK").await.unwrap();
    }
    let version = events.stream_version(&stream("a")).await.unwrap();
    assert_eq!(version % 100, 0, "each append is whole or absent");
    let count = number(&mut other, "SELECT count(*) FROM cqrs_events").await;
    assert_eq!(count as u64, version);
    assert_eq!(
        events.head().await.unwrap().position,
        Position::new(version)
    );
}

#[tokio::test]
async fn a_folder_is_no_file() {
    let (folder, _) = place();
    let error = refusal(folder.path()).await;
    assert!(error.to_string().contains("it is a folder"), "{error}");
}

#[tokio::test]
async fn a_file_is_no_folder() {
    let (folder, path) = place();
    std::fs::write(&path, "a file").unwrap();
    let error = refusal(&folder.path().join("shop.db/events.db")).await;
    assert!(
        error.to_string().contains("a file and not a folder"),
        "{error}"
    );
}

#[tokio::test]
async fn folders_that_are_missing_are_made() {
    let (folder, _) = place();
    let path = folder.path().join("data/of/the/shop.db");
    open(&path).await;
    assert!(path.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_read_only_folder_is_said_to_be_one() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = place();
    let permissions = std::fs::Permissions::from_mode(0o555);
    std::fs::set_permissions(folder.path(), permissions).unwrap();
    if std::fs::write(folder.path().join("probe"), "").is_ok() {
        eprintln!("NOT TESTED: this user may write into read-only folders (root?)");
        return;
    }
    let error = refusal(&path).await;
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
}

/// `/sys` is read-only even for root, in a container; where it is not there, nothing is tested.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_place_where_nobody_may_write_is_refused() {
    let error = refusal(Path::new("/sys/cqrs/shop.db")).await;
    let clear = matches!(
        error,
        StoreError::ReadOnly { .. } | StoreError::Unreachable { .. }
    );
    assert!(clear, "{error}");
}

#[tokio::test]
async fn a_damaged_file_is_said_to_be_damaged() {
    let (_folder, path) = place();
    let events = open(&path).await.events();
    events.append(&[large("a")]).await.unwrap()[0]
        .as_ref()
        .unwrap();
    raw(&path)
        .await
        .execute("PRAGMA wal_checkpoint(TRUNCATE)")
        .await
        .unwrap();
    drop(events);
    let mut bytes = std::fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    for page in 1..pages {
        bytes[page * 4096..page * 4096 + 100].fill(0xff);
    }
    std::fs::write(&path, bytes).unwrap();

    let error = match Sqlite::open_with(SqliteConfig::new(&path)).await {
        Err(error) => error,
        Ok(sqlite) => sqlite
            .events()
            .load(&stream("a"), 0, 100)
            .await
            .unwrap_err(),
    };
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn a_name_of_the_users_is_not_taken_by_a_view() {
    let (_folder, path) = place();
    let views = open(&path).await.views();
    let mut file = raw(&path).await;
    file.execute("CREATE TABLE balances (id INTEGER)")
        .await
        .unwrap();
    let mut schema = ViewSchema::new("balances", 1);
    schema
        .columns
        .push(ColumnSchema::new("account", ColumnKind::Text));
    let error = views.open(&schema).await.err().unwrap().full_text();
    assert!(error.contains("a table `balances` of its own"), "{error}");
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'balances%'";
    assert_eq!(number(&mut file, tables).await, 1);
}

#[tokio::test]
async fn addresses_that_name_no_file_are_refused() {
    for (url, reason) in [
        ("sqlite::memory:", "write `memory:`"),
        ("sqlite:", "the path of the file is missing"),
        ("sqlite://shop.db?mode=ro", "no options"),
        ("postgres://localhost", "is written `sqlite:PATH`"),
    ] {
        let error = Sqlite::open(url).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

/// SQLite itself would go on writing into the file that is no longer there.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_moved_away_takes_nothing_more() {
    let (folder, path) = place();
    let events = open(&path).await.events();
    let first = [append("a", Expected::Any, 1)];
    events.append(&first).await.unwrap()[0].as_ref().unwrap();
    let away = folder.path().join("away.db");
    std::fs::rename(&path, &away).unwrap();
    let more = [append("a", Expected::Any, 1)];
    for refused in [events.append(&more).await.unwrap_err(), {
        std::fs::write(&path, "").unwrap();
        events.append(&more).await.unwrap_err()
    }] {
        assert!(
            matches!(refused, StoreError::Unreachable { .. }),
            "{refused}"
        );
        assert!(
            refused.to_string().contains("moved or deleted"),
            "{refused}"
        );
    }
    std::fs::rename(&away, &path).unwrap();
    events.append(&more).await.unwrap()[0].as_ref().unwrap();
    assert_eq!(events.stream_version(&stream("a")).await.unwrap(), 2);
}

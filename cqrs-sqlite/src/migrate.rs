//! The schema: numbered migrations, embedded and forward only.

use std::time::{Duration, Instant};

use cqrs_core::store::StoreError;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Executor, Row, query, raw_sql};
use uuid::Uuid;

use crate::binds::{blob, microseconds, number};
use crate::database::rows;
use crate::error::{Place, is_busy};
use crate::sql;

const MIGRATIONS: [&str; 10] = [
    include_str!("../migrations/0001_create_log.sql"),
    include_str!("../migrations/0002_create_events.sql"),
    include_str!("../migrations/0003_refuse_event_change.sql"),
    include_str!("../migrations/0004_create_checkpoints.sql"),
    include_str!("../migrations/0005_create_snapshots.sql"),
    include_str!("../migrations/0006_create_views.sql"),
    include_str!("../migrations/0007_add_followed_events.sql"),
    include_str!("../migrations/0008_create_dead_letters.sql"),
    include_str!("../migrations/0009_add_partitions.sql"),
    include_str!("../migrations/0010_create_standbys.sql"),
];

const KNOWN: u64 = MIGRATIONS.len() as u64;

/// What may be wrong with a file besides what SQLite says.
enum Fault {
    Database(sqlx::Error),
    Newer(u64),
    NoWal,
    Encoding,
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Brings the file to the newest schema; changes nothing in one that is not ours to change.
pub(crate) async fn prepare(
    connection: &mut SqliteConnection,
    place: &Place<'_>,
) -> Result<(), StoreError> {
    let begun = Instant::now();
    loop {
        match attempt(connection).await {
            Ok(()) => return Ok(()),
            // SQLite's own waiting does not cover the change to WAL, for which a file must be free.
            Err(Fault::Database(error)) if is_busy(&error) && begun.elapsed() < place.waited => {
                // Without a transaction to end this fails, and there is nothing to end.
                let _ = connection.execute(raw_sql("ROLLBACK")).await;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(fault) => return Err(explain(fault, place)),
        }
    }
}

fn explain(fault: Fault, place: &Place<'_>) -> StoreError {
    match fault {
        Fault::Database(error) => place.error(error),
        Fault::Newer(found) => StoreError::NewerSchema {
            store: place.store(),
            found,
            known: KNOWN,
        },
        Fault::NoWal => place.unreachable(
            "its file system cannot share memory between processes, which SQLite's WAL mode needs; choose a local disk",
        ),
        Fault::Encoding => {
            place.unreachable("its texts are in UTF-16; choose a new file, or one in UTF-8")
        }
    }
}

async fn attempt(connection: &mut SqliteConnection) -> Result<(), Fault> {
    let found = schema_version(connection).await?;
    if text(connection, "PRAGMA encoding").await? != "UTF-8" {
        return Err(Fault::Encoding);
    }
    if text(connection, "PRAGMA journal_mode = WAL").await? != "wal" {
        return Err(Fault::NoWal);
    }
    if found == KNOWN {
        return Ok(());
    }
    connection.execute(raw_sql("BEGIN IMMEDIATE")).await?;
    // Another process may have been faster.
    let found = schema_version(connection).await?;
    connection.execute(raw_sql(sql::CREATE_MIGRATIONS)).await?;
    for (number, migration) in (1..).zip(MIGRATIONS).skip(usize_from(found)) {
        connection.execute(raw_sql(migration)).await?;
        let now = microseconds(chrono::Utc::now());
        let applied = query(sql::INSERT_MIGRATION).bind(number).bind(now);
        connection.execute(applied).await?;
        tracing::debug!(number, "applied a migration of the SQLite file");
    }
    let identity = query(sql::INSERT_LOG).bind(blob(Uuid::new_v4()));
    connection.execute(identity).await?;
    connection.execute(raw_sql("COMMIT")).await?;
    Ok(())
}

async fn schema_version(connection: &mut SqliteConnection) -> Result<u64, Fault> {
    let tables: i64 = rows(connection, query(sql::FIND_MIGRATIONS)).await?[0].try_get(0)?;
    if tables == 0 {
        return Ok(0);
    }
    let found: i64 = rows(connection, query(sql::READ_SCHEMA_VERSION)).await?[0].try_get(0)?;
    match number(found) {
        found if found > KNOWN => Err(Fault::Newer(found)),
        found => Ok(found),
    }
}

async fn text(
    connection: &mut SqliteConnection,
    pragma: &'static str,
) -> Result<String, sqlx::Error> {
    rows(connection, query(pragma)).await?[0].try_get(0)
}

fn usize_from(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

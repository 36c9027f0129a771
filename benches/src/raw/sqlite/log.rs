//! Events in and out of the hand-written table.

use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;
use sqlx::{Connection as _, QueryBuilder, Row as _, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::connect;
use crate::domain::AccountEvent;
use crate::raw::{decode, encode};
use crate::workload::{LogEvent, Tally, tally};

/// Inserts one event, and commits where no transaction is open.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    stream: &str,
    version: u64,
    event: &AccountEvent,
) -> Result<(), sqlx::Error> {
    let (name, payload) = encode(event).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let id = Uuid::now_v7();
    sqlx::query(include_str!("sql/insert_event.sql"))
        .bind(id)
        .bind(stream)
        .bind(version as i64)
        .bind(name)
        .bind(payload)
        .bind(id)
        .bind(now())
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes the file and stores the events.
pub(crate) async fn fill(path: &Path, events: impl Iterator<Item = LogEvent>) -> Result<()> {
    let mut connection = connect(path).await?;
    create(&mut connection, events).await?;
    Ok(connection.close().await?)
}

/// Makes the table and stores the events, a thousand in a transaction.
pub(crate) async fn create(
    connection: &mut SqliteConnection,
    events: impl Iterator<Item = LogEvent>,
) -> Result<()> {
    sqlx::raw_sql(include_str!("sql/create_events.sql"))
        .execute(&mut *connection)
        .await?;
    let mut events = events.peekable();
    while events.peek().is_some() {
        let page = events.by_ref().take(1000).map(|written| {
            let payload = encode(&written.event)?;
            Ok((written, payload))
        });
        let page: Vec<_> = page.collect::<Result<_>>()?;
        insert_all(page).build().execute(&mut *connection).await?;
    }
    Ok(())
}

fn insert_all(page: Vec<(LogEvent, (&'static str, String))>) -> QueryBuilder<Sqlite> {
    let mut insert = QueryBuilder::new(
        "INSERT INTO events (event_id, stream, version, name, payload, correlation_id, recorded_at) ",
    );
    insert.push_values(page, |mut row, (written, (name, payload))| {
        let id = Uuid::now_v7();
        row.push_bind(id)
            .push_bind(written.account.as_str().to_owned())
            .push_bind(written.version as i64)
            .push_bind(name)
            .push_bind(payload)
            .push_bind(id)
            .push_bind(now());
    });
    insert
}

/// What the log holds in the end.
pub(crate) async fn read_tally(path: &Path) -> Result<Tally> {
    let mut connection = connect(path).await?;
    let rows = sqlx::query("SELECT name, payload FROM events")
        .fetch_all(&mut connection)
        .await?;
    let events: Result<Vec<AccountEvent>> = rows
        .iter()
        .map(|row| decode(row.try_get(0)?, row.try_get(1)?))
        .collect();
    connection.close().await?;
    Ok(tally(events?.iter()))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as i64)
}

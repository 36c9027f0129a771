//! Events in and out of the hand-written table.

use anyhow::Result;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use uuid::Uuid;

use super::{connect, run};
use crate::domain::AccountEvent;
use crate::raw::{decode, encode};
use crate::workload::{LogEvent, Tally, tally};

/// Inserts one event, and commits where no transaction is open.
pub(crate) async fn insert(
    connection: &mut PgConnection,
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
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes the table and stores the events, a thousand in a statement.
pub(crate) async fn fill(url: &str, events: impl Iterator<Item = LogEvent>) -> Result<()> {
    run(url, include_str!("sql/create_events.sql")).await?;
    let mut connection = connect(url).await?;
    let mut events = events.peekable();
    while events.peek().is_some() {
        let page: Vec<_> = events.by_ref().take(1000).collect();
        insert_all(&mut connection, page).await?;
    }
    Ok(connection.close().await?)
}

async fn insert_all(connection: &mut PgConnection, page: Vec<LogEvent>) -> Result<()> {
    let (mut ids, mut streams, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut names, mut payloads) = (Vec::new(), Vec::new());
    for written in &page {
        let (name, payload) = encode(&written.event)?;
        ids.push(Uuid::now_v7());
        streams.push(written.account.as_str());
        versions.push(written.version as i64);
        names.push(name);
        payloads.push(payload);
    }
    sqlx::query(include_str!("sql/insert_events.sql"))
        .bind(ids)
        .bind(streams)
        .bind(versions)
        .bind(names)
        .bind(payloads)
        .execute(connection)
        .await?;
    Ok(())
}

/// What the log holds in the end.
pub(crate) async fn read_tally(url: &str) -> Result<Tally> {
    let mut connection = connect(url).await?;
    let rows = sqlx::query("SELECT name, payload FROM events")
        .fetch_all(&mut connection)
        .await?;
    let events: Result<Vec<AccountEvent>> = rows
        .iter()
        .map(|row| decode(row.try_get(0)?, row.try_get_unchecked(1)?))
        .collect();
    connection.close().await?;
    Ok(tally(events?.iter()))
}

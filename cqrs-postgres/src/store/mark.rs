//! ⑥ Who holds back the mark: for people, not for readers of the log.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use cqrs_core::store::{LogMark, MarkHolder, StoreError};
use cqrs_core::stream::Position;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::{HeadReader, PostgresEventStore, number, statement};

impl PostgresEventStore {
    pub(super) async fn read_mark(&self) -> Result<Option<LogMark>, StoreError> {
        let read = || statement(&self.database.sql.read_mark);
        let read_mark = |row: &PgRow| mark_of(row, &self.head);
        let mut marks = self.all("read mark", read, read_mark).await?;
        Ok(marks.pop())
    }
}

/// Which transaction was first seen to hold the mark, and when: what the server may not tell.
#[derive(Debug, Default)]
pub(super) struct SeenHolder(Mutex<Option<(String, DateTime<Utc>)>>);

impl SeenHolder {
    fn since(&self, transaction: String) -> DateTime<Utc> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*seen {
            Some((known, since)) if *known == transaction => *since,
            _ => {
                let now = Utc::now();
                *seen = Some((transaction, now));
                now
            }
        }
    }
}

fn mark_of(row: &PgRow, head: &HeadReader) -> Result<LogMark, sqlx::Error> {
    let drawn = Position::new(number(row.try_get(0)?));
    let Some(held) = row.try_get::<Option<i64>, _>(1)? else {
        return Ok(LogMark::new(drawn, drawn));
    };
    let mut mark = LogMark::new(drawn.min(Position::new(number(held))), drawn);
    let mut holder = MarkHolder::default();
    holder.process = row.try_get(2)?;
    holder.application = row.try_get(3)?;
    holder.prepared = row.try_get(4)?;
    let seen = head.holder.since(row.try_get(6)?);
    holder.since = row
        .try_get::<Option<i64>, _>(5)?
        .and_then(ago)
        .or(Some(seen));
    mark.holder = Some(holder);
    Ok(mark)
}

/// So many microseconds ago, by this machine's clock.
fn ago(microseconds: i64) -> Option<DateTime<Utc>> {
    Utc::now().checked_sub_signed(TimeDelta::microseconds(microseconds))
}

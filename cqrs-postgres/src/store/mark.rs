//! ⑥ Who holds back the mark: for people, not for readers of the log.

use chrono::{DateTime, TimeDelta, Utc};
use cqrs_core::store::{LogMark, MarkHolder, StoreError};
use cqrs_core::stream::Position;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::{PostgresEventStore, number, statement};

impl PostgresEventStore {
    pub(super) async fn read_mark(&self) -> Result<Option<LogMark>, StoreError> {
        let read = || statement(&self.database.sql.read_mark);
        let mut marks = self.all("read mark", read, mark_of).await?;
        Ok(marks.pop())
    }
}

fn mark_of(row: &PgRow) -> Result<LogMark, sqlx::Error> {
    let drawn = Position::new(number(row.try_get(0)?));
    let Some(held) = row.try_get::<Option<i64>, _>(1)? else {
        return Ok(LogMark::new(drawn, drawn));
    };
    let mut mark = LogMark::new(drawn.min(Position::new(number(held))), drawn);
    let mut holder = MarkHolder::default();
    holder.process = row.try_get(2)?;
    holder.application = row.try_get(3)?;
    holder.prepared = row.try_get(4)?;
    holder.since = row.try_get::<Option<i64>, _>(5)?.and_then(ago);
    mark.holder = Some(holder);
    Ok(mark)
}

/// So many microseconds ago, by this machine's clock.
fn ago(microseconds: i64) -> Option<DateTime<Utc>> {
    Utc::now().checked_sub_signed(TimeDelta::microseconds(microseconds))
}

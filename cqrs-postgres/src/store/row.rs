//! ⑤ From rows to events.

use chrono::{DateTime, Utc};
use cqrs_core::event::StoredEvent;
use cqrs_core::store::LoadedEvent;
use cqrs_core::stream::{Position, StreamId};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::number;

/// What `load_stream.sql` answers.
pub(super) fn loaded_event(row: &PgRow) -> Result<LoadedEvent, sqlx::Error> {
    Ok(LoadedEvent {
        version: number(row.try_get(0)?),
        name: row.try_get(1)?,
        schema_version: small(row.try_get(2)?)?,
        payload: json(row, 3)?.unwrap_or_default().to_owned(),
    })
}

/// What `read_log.sql` and `read_stream.sql` answer.
pub(super) fn stored_event(row: &PgRow) -> Result<StoredEvent, sqlx::Error> {
    let position = Position::new(number(row.try_get(0)?));
    let (category, id): (&str, &str) = (row.try_get(2)?, row.try_get(3)?);
    let stream = StreamId::new(category, id).map_err(decode)?;
    let mut event = StoredEvent::new(position, stream, number(row.try_get(4)?));
    event.id = row.try_get(1)?;
    event.name = row.try_get(5)?;
    event.schema_version = small(row.try_get(6)?)?;
    event.payload = json(row, 7)?.unwrap_or_default().to_owned();
    event.correlation_id = row.try_get(8)?;
    event.causation_id = row.try_get(9)?;
    event.command_id = row.try_get(10)?;
    event.recorded_at = row.try_get(11)?;
    let occurred_at: Option<DateTime<Utc>> = row.try_get(12)?;
    event.occurred_at = occurred_at.unwrap_or(event.recorded_at);
    if let Some(metadata) = json(row, 13)? {
        event.metadata = serde_json::from_str(metadata).map_err(decode)?;
    }
    Ok(event)
}

/// The text of a `json`, which comes as it is stored. The driver's own type for it would parse it.
fn json(row: &PgRow, index: usize) -> Result<Option<&str>, sqlx::Error> {
    row.try_get_unchecked(index)
}

fn small(number: i64) -> Result<u32, sqlx::Error> {
    u32::try_from(number).map_err(decode)
}

fn decode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

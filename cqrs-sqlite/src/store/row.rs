//! ⑤ From packed rows to events.

use chrono::{DateTime, Utc};
use cqrs_core::event::StoredEvent;
use cqrs_core::store::LoadedEvent;
use cqrs_core::stream::{Position, StreamId};

use crate::pack::{Malformed, Packed};

/// What `load_stream.sql` packs.
pub(super) fn loaded_event(packed: &mut Packed<'_>) -> Result<LoadedEvent, Malformed> {
    let (version, schema_version) = (packed.number()?, packed.number()?);
    let (name, payload) = (packed.number()?, packed.number()?);
    Ok(LoadedEvent {
        version,
        schema_version,
        name: packed.text(name)?.to_owned(),
        payload: packed.text(payload)?.to_owned(),
    })
}

/// What `read_log.sql` and `read_stream.sql` pack.
pub(super) fn stored_event(packed: &mut Packed<'_>) -> Result<StoredEvent, Malformed> {
    let position = Position::new(packed.number()?);
    let (version, schema_version) = (packed.number()?, packed.number()?);
    let recorded_at = time(packed.number()?)?;
    let occurred_at = packed.optional()?.map(time).transpose()?;
    let (category, stream_id) = (packed.number()?, packed.number()?);
    let (name, payload) = (packed.number()?, packed.number()?);
    let metadata = packed.optional()?;
    let mut ids = Packed::new(packed.word()?);
    let (id, correlation_id, command_id) = (ids.id()?, ids.id()?, ids.id()?);
    let causation_id = if ids.is_empty() {
        None
    } else {
        Some(ids.id()?)
    };
    let (category, stream_id) = (packed.text(category)?, packed.text(stream_id)?);
    let stream = StreamId::new(category, stream_id).map_err(|_| Malformed)?;
    let mut event = StoredEvent::new(position, stream, version);
    event.id = id;
    event.name = packed.text(name)?.to_owned();
    event.schema_version = schema_version;
    event.payload = packed.text(payload)?.to_owned();
    event.correlation_id = correlation_id;
    event.causation_id = causation_id;
    event.command_id = command_id;
    event.recorded_at = recorded_at;
    event.occurred_at = occurred_at.unwrap_or(recorded_at);
    if let Some(length) = metadata {
        event.metadata = serde_json::from_str(packed.text(length)?).map_err(|_| Malformed)?;
    }
    Ok(event)
}

fn time(microseconds: i64) -> Result<DateTime<Utc>, Malformed> {
    DateTime::from_timestamp_micros(microseconds).ok_or(Malformed)
}

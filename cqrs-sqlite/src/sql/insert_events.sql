-- ?1 event id, ?2 category, ?3 stream id, ?4 version, ?5 name, ?6 schema version, ?7 payload,
-- ?8 correlation id, ?9 causation id or NULL, ?10 command id, ?11 recorded at (microseconds),
-- ?12 the stream's version before the append, ?13 occurred at or NULL, ?14 metadata or NULL
--
-- Where the event before the append is missing, recorded_at is NULL and the row is refused: so one
-- statement checks the expected version and keeps the time from running backwards.
INSERT INTO cqrs_events (
    event_id,
    category,
    stream_id,
    version,
    name,
    schema_version,
    payload,
    correlation_id,
    causation_id,
    command_id,
    recorded_at,
    occurred_at,
    metadata
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, CASE WHEN ?12 = 0 THEN ?11 ELSE (SELECT max(recorded_at, ?11) FROM cqrs_events WHERE category = ?2 AND stream_id = ?3 AND version = ?12) END, ?13, ?14);

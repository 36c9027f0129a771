-- By row: event id, category, stream id, version, name, schema version, payload, correlation id,
-- causation id or NULL, command id, recorded at (microseconds), the stream's version before the
-- append, occurred at or NULL, metadata or NULL, and on the first event of a command in a stream its
-- name and its number of events there
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
    metadata,
    command_name,
    command_events
)
SELECT
    column1,
    column2,
    column3,
    column4,
    column5,
    column6,
    column7,
    column8,
    column9,
    column10,
    CASE
        WHEN column12 = 0 THEN column11
        ELSE (
            SELECT max(recorded_at, column11)
            FROM cqrs_events
            WHERE category = column2
                AND stream_id = column3
                AND version = column12
        )
    END,
    column13,
    column14,
    column15,
    column16
FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?));

-- $1 category, $2 stream id, $3 after this version, $4 limit
SELECT
    position,
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
FROM {schema}.events
WHERE category = $1
    AND stream_id = $2
    AND version > $3
ORDER BY version
LIMIT $4;

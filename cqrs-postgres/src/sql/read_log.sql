-- $1 after this position, $2 up to this one, $3 limit, $4 names or NULL for all, $5 categories or NULL
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
WHERE (SELECT {schema}.require_primary())
    AND position > $1
    AND position <= $2
    AND ($4::text [] IS NULL OR name = ANY($4))
    AND ($5::text [] IS NULL OR category = ANY($5))
ORDER BY position
LIMIT $3;

-- ?1 category, ?2 stream id, ?3 after this version, ?4 limit
--
-- The plus keeps SQLite from planning anew for every limit that is bound.
SELECT group_concat(concat(
    format(
        '%d %d %d %d %s %d %d %d %d %s %s ',
        position,
        version,
        schema_version,
        recorded_at,
        occurred_at,
        octet_length(category),
        octet_length(stream_id),
        octet_length(name),
        octet_length(payload),
        octet_length(metadata),
        hex(concat(event_id, correlation_id, command_id, causation_id))
    ),
    category,
    stream_id,
    name,
    payload,
    metadata
), '')
FROM (
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
    FROM cqrs_events
    WHERE category = ?1
        AND stream_id = ?2
        AND version > ?3
    ORDER BY version
    LIMIT +?4
);

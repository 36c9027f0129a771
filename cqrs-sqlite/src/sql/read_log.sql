-- ?1 after this position, ?2 up to this one, ?3 limit, ?4 names: JSON or NULL for all,
-- ?5 categories: JSON or NULL for all
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
    WHERE position > ?1
        AND position <= ?2
        AND (?4 IS NULL OR name IN (SELECT value FROM json_each(?4)))
        AND (?5 IS NULL OR category IN (SELECT value FROM json_each(?5)))
    ORDER BY position
    LIMIT +?3
);

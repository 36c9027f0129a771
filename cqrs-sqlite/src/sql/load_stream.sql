-- ?1 category, ?2 stream id, ?3 after this version, ?4 up to this version
--
-- A row for every 512 events, packed: the driver's cost is by row and column, not by byte.
WITH RECURSIVE chunks (after, up_to) AS (
    SELECT
        ?3,
        min(?4, (SELECT max(version) FROM cqrs_events WHERE category = ?1 AND stream_id = ?2))
    UNION ALL
    SELECT
        after + 512,
        up_to
    FROM chunks
    WHERE after + 512 < up_to
)
SELECT (
    SELECT group_concat(concat(
        version, ' ',
        schema_version, ' ',
        octet_length(name), ' ',
        octet_length(payload), ' ',
        name,
        payload
    ), '')
    FROM (
        SELECT
            version,
            schema_version,
            name,
            payload
        FROM cqrs_events
        WHERE category = ?1
            AND stream_id = ?2
            AND version > chunks.after
            AND version <= min(chunks.after + 512, chunks.up_to)
        ORDER BY version
    )
)
FROM chunks;

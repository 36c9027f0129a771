-- ?1 category, ?2 stream id, ?3 after this version, ?4 limit
--
-- One text for all events, since the driver's cost is by row and column and not by byte. The plus
-- keeps SQLite from planning anew for every limit that is bound.
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
        AND version > ?3
    ORDER BY version
    LIMIT +?4
);

-- $1 command id, $2 category, $3 stream id
--
-- Events of other streams may stand between those of one command, so its last one is looked for. Each
-- OFFSET 0 keeps a lookup by its own index: turned round, the join would read the whole stream.
SELECT
    first.command_name,
    last.version,
    last.position,
    first.command_events
FROM (
    SELECT
        category,
        stream_id,
        version,
        command_name,
        command_events
    FROM {schema}.events
    WHERE command_id = $1
        AND command_name IS NOT NULL
    OFFSET 0
) AS first
CROSS JOIN LATERAL (
    SELECT
        events.version,
        events.position
    FROM {schema}.events AS events
    WHERE events.category = first.category
        AND events.stream_id = first.stream_id
        AND events.version = first.version + first.command_events - 1
    OFFSET 0
) AS last
WHERE first.category = $2
    AND first.stream_id = $3;

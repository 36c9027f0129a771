-- $1 command id, $2 category, $3 stream id
--
-- Events of other streams may stand between those of one command, so its last one is looked for.
SELECT
    first.command_name,
    last.version,
    last.position,
    first.command_events
FROM {schema}.events AS first
INNER JOIN {schema}.events AS last
    ON last.category = first.category
    AND last.stream_id = first.stream_id
    AND last.version = first.version + first.command_events - 1
WHERE first.command_id = $1
    AND first.category = $2
    AND first.stream_id = $3
    AND first.command_name IS NOT NULL;

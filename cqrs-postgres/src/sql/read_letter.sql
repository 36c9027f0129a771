-- $1 view, $2 fingerprint, $3 partition, $4 position, $5 key
SELECT
    letter.held_key,
    letter.position,
    letter.category,
    letter.stream_id,
    letter.version,
    letter.name,
    letter.event_id,
    letter.recorded_at,
    letter.reason,
    letter.attempts,
    letter.discarded,
    (
        SELECT count(*)
        FROM {schema}.held_events AS held
        WHERE held.view = letter.view
            AND held.fingerprint = letter.fingerprint
            AND held.partition = letter.partition
            AND held.held_key = letter.held_key
            AND held.position > letter.position
    )
FROM {schema}.dead_letters AS letter
WHERE letter.view = $1
    AND letter.fingerprint = $2
    AND letter.partition = $3
    AND letter.position = $4
    AND letter.held_key = $5;

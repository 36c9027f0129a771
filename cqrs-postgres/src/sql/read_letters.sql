-- $1 view, $2 fingerprint, $3 partition, $4 whether discarded ones or waiting ones, $5 and $6 behind this position
-- and key, or NULL, $7 limit
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
    AND (letter.discarded IS NOT NULL) = $4
    AND ($5::bigint IS NULL OR (letter.position, letter.held_key) > ($5, $6))
ORDER BY
    letter.position,
    letter.held_key
LIMIT $7;

-- $1 view, $2 fingerprint, $3 partition: each held key, its first event, and whether that is a dead letter
SELECT
    first_held.held_key,
    first_held.position,
    letter.position IS NOT NULL
FROM (
    SELECT
        held_key,
        min(position) AS position
    FROM {schema}.held_events
    WHERE view = $1
        AND fingerprint = $2
        AND partition = $3
    GROUP BY held_key
) AS first_held
LEFT JOIN {schema}.dead_letters AS letter
    ON letter.view = $1
    AND letter.fingerprint = $2
    AND letter.partition = $3
    AND letter.position = first_held.position
    AND letter.held_key = first_held.held_key
    AND letter.discarded IS NULL;

-- $1 view, $2 fingerprint, $3 partition, $4 key, $5 limit
SELECT position
FROM {schema}.held_events
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3
    AND held_key = $4
ORDER BY position
LIMIT $5;

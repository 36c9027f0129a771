-- $1 after this position, $2 limit
SELECT
    position,
    stream,
    name,
    payload
FROM events
WHERE position > $1
ORDER BY position
LIMIT $2;

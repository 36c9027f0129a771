-- $1 stream
SELECT
    name,
    payload
FROM events
WHERE stream = $1
ORDER BY version;

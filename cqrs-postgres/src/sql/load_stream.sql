-- $1 category, $2 stream id, $3 after this version, $4 limit
SELECT
    version,
    name,
    schema_version,
    payload
FROM {schema}.events
WHERE category = $1
    AND stream_id = $2
    AND version > $3
ORDER BY version
LIMIT $4;

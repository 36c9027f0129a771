-- $1 category, $2 stream id, $3 fingerprint
SELECT
    version,
    state
FROM {schema}.snapshots
WHERE category = $1
    AND stream_id = $2
    AND fingerprint = $3;

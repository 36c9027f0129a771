-- $1 view, $2 fingerprint, $3 partition: who holds it, and for how long yet (microseconds)
SELECT
    holder,
    (extract(EPOCH FROM leased_until - clock_timestamp()) * 1000000)::bigint
FROM {schema}.checkpoints
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3;

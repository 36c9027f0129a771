-- $1 view, $2 fingerprint of the table that is built
--
-- How far its slowest partition is, and who is at it longest, for how long yet (microseconds).
SELECT
    slowest.log_id,
    slowest.position,
    slowest.event_position,
    slowest.event_id,
    latest.holder,
    (extract(EPOCH FROM latest.leased_until - clock_timestamp()) * 1000000)::bigint
FROM (
    SELECT
        log_id,
        position,
        event_position,
        event_id
    FROM {schema}.checkpoints
    WHERE view = $1
        AND fingerprint = $2
    ORDER BY position
    LIMIT 1
) AS slowest
CROSS JOIN (
    SELECT
        holder,
        leased_until
    FROM {schema}.checkpoints
    WHERE view = $1
        AND fingerprint = $2
    ORDER BY
        holder IS NULL,
        leased_until DESC
    LIMIT 1
) AS latest;

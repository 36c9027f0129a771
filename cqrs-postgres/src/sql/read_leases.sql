-- $1 view, $2 fingerprint: who holds each partition, and for how long yet (microseconds); then who stands by
--
-- One look for both. Who lacks an event that the view must see is not counted.
SELECT
    partition,
    CASE WHEN leased_until > clock_timestamp() THEN holder END,
    (extract(EPOCH FROM leased_until - clock_timestamp()) * 1000000)::bigint
FROM {schema}.checkpoints
WHERE view = $1
    AND fingerprint = $2
UNION ALL
SELECT
    NULL,
    standbys.node,
    0
FROM {schema}.standbys AS standbys
WHERE standbys.view = $1
    AND standbys.fingerprint = $2
    AND standbys.stands_by_until > clock_timestamp()
    AND NOT EXISTS (
        SELECT 1
        FROM {schema}.checkpoints AS checkpoints
        WHERE checkpoints.view = $1
            AND checkpoints.fingerprint = $2
            AND NOT checkpoints.events <@ standbys.events
    )
ORDER BY
    1 NULLS LAST,
    2;

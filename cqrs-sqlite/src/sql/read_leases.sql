-- ?1 view, ?2 fingerprint, ?3 now (microseconds): who holds each partition, and until when; then who stands by
--
-- One look for both. Who lacks an event that the view must see is not counted.
SELECT
    partition,
    CASE WHEN leased_until > ?3 THEN holder END,
    coalesce(leased_until, 0)
FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint = ?2
UNION ALL
SELECT
    NULL,
    standbys.node,
    standbys.stands_by_until
FROM cqrs_standbys AS standbys
WHERE standbys.view = ?1
    AND standbys.fingerprint = ?2
    AND standbys.stands_by_until > ?3
    AND NOT EXISTS (
        SELECT 1
        FROM cqrs_checkpoints AS checkpoints, json_each(checkpoints.events) AS event
        WHERE checkpoints.view = ?1
            AND checkpoints.fingerprint = ?2
            AND event.value NOT IN (SELECT value FROM json_each(standbys.events))
    )
ORDER BY
    1 NULLS LAST,
    2;

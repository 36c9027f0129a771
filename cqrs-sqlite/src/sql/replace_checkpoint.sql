-- ?1 view, ?2 fingerprint of the table that is replaced, ?3 of the one that was built, ?4 partition,
-- ?5 its epoch, ?6 its holder, ?7 a position of the replaced table that does not count, ?8 now (microseconds)
--
-- The epoch fences whoever feeds the replaced table. No row comes back when another worker has the
-- lease of the one that was built, when the replaced one has come further, or when it must see events
-- that the one that was built has not followed. The slowest partition of each counts.
UPDATE cqrs_checkpoints AS replaced
SET
    log_id = built.log_id,
    position = built.position,
    event_position = built.event_position,
    event_id = built.event_id,
    epoch = replaced.epoch + 1,
    holder = NULL,
    leased_until = ?8,
    added = '[]'
FROM cqrs_checkpoints AS built
INNER JOIN (
    SELECT
        log_id,
        min(position) AS position
    FROM cqrs_checkpoints
    WHERE view = ?1
        AND fingerprint = ?2
) AS served
INNER JOIN (
    SELECT min(position) AS position
    FROM cqrs_checkpoints
    WHERE view = ?1
        AND fingerprint = ?3
) AS reached
WHERE replaced.view = ?1
    AND replaced.fingerprint = ?2
    AND built.view = ?1
    AND built.fingerprint = ?3
    AND built.partition = replaced.partition
    AND EXISTS (
        SELECT 1
        FROM cqrs_checkpoints AS own
        WHERE own.view = ?1
            AND own.fingerprint = ?3
            AND own.partition = ?4
            AND own.epoch = ?5
            AND own.holder = ?6
    )
    AND (
        served.log_id IS NOT built.log_id
        OR served.position <= reached.position
        OR served.position IS ?7
    )
    AND NOT EXISTS (
        SELECT 1
        FROM json_each(replaced.events)
        WHERE value NOT IN (SELECT value FROM json_each(built.events))
    )
RETURNING '';

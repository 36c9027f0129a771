-- ?1 view, ?2 fingerprint of the table that is replaced, ?3 of the one that was built, ?4 its epoch,
-- ?5 its holder, ?6 a position of the replaced table that does not count, ?7 now (microseconds)
--
-- The epoch fences whoever feeds the replaced table. No row comes back when another worker has the
-- lease of the one that was built, when the replaced one has come further, or when it must see events
-- that the one that was built has not followed.
UPDATE cqrs_checkpoints AS replaced
SET
    log_id = built.log_id,
    position = built.position,
    event_position = built.event_position,
    event_id = built.event_id,
    epoch = replaced.epoch + 1,
    holder = NULL,
    leased_until = ?7,
    added = '[]'
FROM cqrs_checkpoints AS built
WHERE replaced.view = ?1
    AND replaced.fingerprint = ?2
    AND built.view = ?1
    AND built.fingerprint = ?3
    AND built.epoch = ?4
    AND built.holder = ?5
    AND (
        replaced.log_id IS NOT built.log_id
        OR replaced.position <= built.position
        OR replaced.position IS ?6
    )
    AND NOT EXISTS (
        SELECT 1
        FROM json_each(replaced.events)
        WHERE value NOT IN (SELECT value FROM json_each(built.events))
    )
RETURNING '';

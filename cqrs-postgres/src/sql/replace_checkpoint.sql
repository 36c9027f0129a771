-- $1 view, $2 fingerprint of the table that is replaced, $3 of the one that was built, $4 partition,
-- $5 its epoch, $6 its holder, $7 positions of the replaced table that do not count begin here
--
-- The epoch fences whoever feeds the replaced table. No row comes back when another worker has the
-- lease of the one that was built, when a partition of the replaced one has come further than the one
-- that takes its place, or when it must see events that the one that was built has not followed.
UPDATE {schema}.checkpoints AS replaced
SET
    log_id = built.log_id,
    position = built.position,
    event_position = built.event_position,
    event_id = built.event_id,
    epoch = replaced.epoch + 1,
    holder = NULL,
    leased_until = clock_timestamp(),
    added = '{}'
FROM {schema}.checkpoints AS built
WHERE replaced.view = $1
    AND replaced.fingerprint = $2
    AND built.view = $1
    AND built.fingerprint = $3
    AND built.partition = replaced.partition
    AND EXISTS (
        SELECT 1
        FROM {schema}.checkpoints AS own
        WHERE own.view = $1
            AND own.fingerprint = $3
            AND own.partition = $4
            AND own.epoch = $5
            AND own.holder = $6
    )
    AND NOT EXISTS (
        SELECT 1
        FROM {schema}.checkpoints AS served
        INNER JOIN {schema}.checkpoints AS instead
            ON instead.view = served.view
            AND instead.fingerprint = $3
            AND instead.partition = served.partition
            AND instead.log_id = served.log_id
            AND instead.position < served.position
        WHERE served.view = $1
            AND served.fingerprint = $2
            AND ($7::bigint IS NULL OR served.position < $7)
    )
    AND replaced.events <@ built.events
RETURNING TRUE;

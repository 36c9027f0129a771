-- $1 view, $2 fingerprint, and where a view without a checkpoint begins: $3 log, $4 position, $5 position of
-- its event, $6 id of its event; $7 the names that the worker follows
--
-- All partitions at once: an event must not be before the beginning of one and after that of another.
UPDATE {schema}.checkpoints
SET
    log_id = $3,
    position = $4,
    event_position = $5,
    event_id = $6
WHERE view = $1
    AND fingerprint = $2
    AND log_id IS NULL
    AND events <@ $7::text [];

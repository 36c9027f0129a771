-- ?1 view, ?2 fingerprint, ?3 holder, ?4 now (microseconds), ?5 leased until, and where a view
-- without a checkpoint begins: ?6 log, ?7 position, ?8 position of its event, ?9 id of its event;
-- ?10 the names that the worker follows (JSON)
--
-- No row comes back while another worker holds the lease, nor where the table must see other events.
UPDATE cqrs_checkpoints
SET
    epoch = CASE WHEN holder IS ?3 THEN epoch ELSE epoch + 1 END,
    holder = ?3,
    leased_until = ?5,
    position = CASE WHEN log_id IS NULL THEN ?7 ELSE position END,
    event_position = CASE WHEN log_id IS NULL THEN ?8 ELSE event_position END,
    event_id = CASE WHEN log_id IS NULL THEN ?9 ELSE event_id END,
    log_id = coalesce(log_id, ?6)
WHERE view = ?1
    AND fingerprint = ?2
    AND (holder IS NULL OR holder = ?3 OR leased_until <= ?4)
    AND NOT EXISTS (
        SELECT 1
        FROM json_each(cqrs_checkpoints.events)
        WHERE value NOT IN (SELECT value FROM json_each(?10))
    )
RETURNING
    log_id,
    position,
    event_position,
    event_id,
    epoch;

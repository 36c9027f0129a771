-- ?1 view, ?2 fingerprint, ?3 partition, ?4 holder, ?5 now (microseconds), ?6 leased until, and where a view
-- without a checkpoint begins: ?7 log, ?8 position, ?9 position of its event, ?10 id of its event;
-- ?11 the names that the worker follows (JSON)
--
-- No row comes back while another worker holds the lease, nor where the table must see other events.
UPDATE cqrs_checkpoints
SET
    epoch = CASE WHEN holder IS ?4 THEN epoch ELSE epoch + 1 END,
    holder = ?4,
    leased_until = ?6,
    position = CASE WHEN log_id IS NULL THEN ?8 ELSE position END,
    event_position = CASE WHEN log_id IS NULL THEN ?9 ELSE event_position END,
    event_id = CASE WHEN log_id IS NULL THEN ?10 ELSE event_id END,
    log_id = coalesce(log_id, ?7)
WHERE view = ?1
    AND fingerprint = ?2
    AND partition = ?3
    AND (holder IS NULL OR holder = ?4 OR leased_until <= ?5)
    AND NOT EXISTS (
        SELECT 1
        FROM json_each(cqrs_checkpoints.events)
        WHERE value NOT IN (SELECT value FROM json_each(?11))
    )
RETURNING
    log_id,
    position,
    event_position,
    event_id,
    epoch;

-- $1 view, $2 fingerprint, $3 partition, $4 holder, $5 lease (microseconds), and where a view without a
-- checkpoint begins: $6 log, $7 position, $8 position of its event, $9 id of its event; $10 the names
-- that the worker follows
--
-- The database's clock, since those of several machines differ. No row comes back while another worker
-- holds the lease, nor where the table must see other events.
UPDATE {schema}.checkpoints
SET
    epoch = CASE WHEN holder = $4 THEN epoch ELSE epoch + 1 END,
    holder = $4,
    leased_until = clock_timestamp() + $5::bigint * interval '1 microsecond',
    position = CASE WHEN log_id IS NULL THEN $7 ELSE position END,
    event_position = CASE WHEN log_id IS NULL THEN $8 ELSE event_position END,
    event_id = CASE WHEN log_id IS NULL THEN $9 ELSE event_id END,
    log_id = coalesce(log_id, $6)
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3
    AND (holder IS NULL OR holder = $4 OR leased_until <= clock_timestamp())
    AND events <@ $10::text []
RETURNING
    log_id,
    position,
    event_position,
    event_id,
    epoch;

-- $1 view, $2 fingerprint, $3 partition, $4 epoch, $5 holder, $6 from this position, $7 log, $8 to this position,
-- $9 position of its event, $10 id of its event, $11 lease (microseconds)
--
-- No row comes back when another worker has taken over.
UPDATE {schema}.checkpoints
SET
    log_id = $7,
    position = $8,
    event_position = $9,
    event_id = $10,
    leased_until = clock_timestamp() + $11::bigint * interval '1 microsecond'
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3
    AND epoch = $4
    AND holder = $5
    AND position = $6
RETURNING TRUE;

-- ?1 view, ?2 fingerprint, ?3 partition, ?4 epoch, ?5 holder, ?6 from this position, ?7 log, ?8 to this position,
-- ?9 position of its event, ?10 id of its event, ?11 leased until (microseconds)
--
-- No row comes back when another worker has taken over. An empty text is no packed row.
UPDATE cqrs_checkpoints
SET
    log_id = ?7,
    position = ?8,
    event_position = ?9,
    event_id = ?10,
    leased_until = ?11
WHERE view = ?1
    AND fingerprint = ?2
    AND partition = ?3
    AND epoch = ?4
    AND holder = ?5
    AND position = ?6
RETURNING '';

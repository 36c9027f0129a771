-- ?1 view, ?2 fingerprint, ?3 epoch, ?4 holder, ?5 from this position, ?6 log, ?7 to this position,
-- ?8 position of its event, ?9 id of its event, ?10 leased until (microseconds)
--
-- No row comes back when another worker has taken over. An empty text is no packed row.
UPDATE cqrs_checkpoints
SET
    log_id = ?6,
    position = ?7,
    event_position = ?8,
    event_id = ?9,
    leased_until = ?10
WHERE view = ?1
    AND fingerprint = ?2
    AND epoch = ?3
    AND holder = ?4
    AND position = ?5
RETURNING '';

-- ?1 view, ?2 fingerprint, ?3 epoch, ?4 holder, ?5 now (microseconds)
UPDATE cqrs_checkpoints
SET
    holder = NULL,
    leased_until = ?5
WHERE view = ?1
    AND fingerprint = ?2
    AND epoch = ?3
    AND holder = ?4;

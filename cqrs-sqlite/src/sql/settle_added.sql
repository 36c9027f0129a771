-- ?1 view, ?2 fingerprint, ?3 epoch, ?4 holder
UPDATE cqrs_checkpoints
SET added = '[]'
WHERE view = ?1
    AND fingerprint = ?2
    AND epoch = ?3
    AND holder = ?4;

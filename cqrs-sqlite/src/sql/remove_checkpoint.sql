-- ?1 view, ?2 fingerprint
DELETE FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint = ?2;

-- ?1 view, ?2 fingerprint
SELECT added
FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint = ?2;

-- ?1 view, ?2 fingerprint, ?3 partition
SELECT
    holder,
    leased_until
FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint = ?2
    AND partition = ?3;

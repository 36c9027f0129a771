-- ?1 view, ?2 fingerprint
SELECT
    holder,
    leased_until
FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint = ?2;

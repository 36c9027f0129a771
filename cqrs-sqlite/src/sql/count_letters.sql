-- ?1 view, ?2 fingerprint
SELECT count(*)
FROM cqrs_dead_letters
WHERE view = ?1
    AND fingerprint = ?2
    AND discarded IS NULL;

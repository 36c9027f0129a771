-- ?1 view, ?2 fingerprint
DELETE FROM cqrs_dead_letters
WHERE view = ?1
    AND fingerprint = ?2;

-- ?1 view, ?2 fingerprint
DELETE FROM cqrs_held_events
WHERE view = ?1
    AND fingerprint = ?2;

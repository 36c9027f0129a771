-- ?1 view, ?2 fingerprint, ?3 key, ?4 limit
SELECT position
FROM cqrs_held_events
WHERE view = ?1
    AND fingerprint = ?2
    AND held_key = ?3
ORDER BY position
LIMIT ?4;

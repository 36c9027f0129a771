-- ?1 view, ?2 fingerprint, ?3 partition, ?4 key and position of each: JSON
DELETE FROM cqrs_held_events
WHERE view = ?1
    AND fingerprint = ?2
    AND partition = ?3
    AND (held_key, position) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?4));

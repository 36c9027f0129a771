-- ?1 view, ?2 fingerprint, ?3 partition, ?4 key and position of each: JSON
DELETE FROM cqrs_dead_letters
WHERE view = ?1
    AND fingerprint = ?2
    AND partition = ?3
    AND (position, held_key) IN (SELECT value ->> 1, value ->> 0 FROM json_each(?4));

-- ?1 view, ?2 fingerprint, ?3 partition, ?4 key and position of each: JSON; those that are held stay so
INSERT INTO cqrs_held_events (view, fingerprint, partition, held_key, position)
SELECT
    ?1,
    ?2,
    ?3,
    value ->> 0,
    value ->> 1
FROM json_each(?4)
WHERE TRUE
ON CONFLICT (view, fingerprint, partition, held_key, position) DO NOTHING;

-- ?1 view, ?2 fingerprint, ?3 key and position of each: JSON; those that are held stay so
INSERT INTO cqrs_held_events (view, fingerprint, held_key, position)
SELECT
    ?1,
    ?2,
    value ->> 0,
    value ->> 1
FROM json_each(?3)
WHERE TRUE
ON CONFLICT (view, fingerprint, held_key, position) DO NOTHING;

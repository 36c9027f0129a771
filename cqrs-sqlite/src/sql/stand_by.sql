-- ?1 view, ?2 fingerprint, ?3 node, ?4 until (microseconds), ?5 the names that it follows (JSON)
INSERT INTO cqrs_standbys (view, fingerprint, node, stands_by_until, events)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (view, fingerprint, node) DO UPDATE SET
    stands_by_until = excluded.stands_by_until,
    events = excluded.events;

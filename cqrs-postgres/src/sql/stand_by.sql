-- $1 view, $2 fingerprint, $3 node, $4 for so long (microseconds), $5 the names that it follows
INSERT INTO {schema}.standbys (view, fingerprint, node, stands_by_until, events)
VALUES ($1, $2, $3, clock_timestamp() + $4::bigint * interval '1 microsecond', $5)
ON CONFLICT (view, fingerprint, node) DO UPDATE SET
    stands_by_until = excluded.stands_by_until,
    events = excluded.events;

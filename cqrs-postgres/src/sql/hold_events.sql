-- $1 view, $2 fingerprint, $3 partition, $4 keys and $5 positions; those that are held stay so
INSERT INTO {schema}.held_events (view, fingerprint, partition, held_key, position)
SELECT
    $1,
    $2,
    $3,
    held.held_key,
    held.position
FROM unnest($4::text [], $5::bigint []) AS held (held_key, position)
ON CONFLICT (view, fingerprint, partition, held_key, position) DO NOTHING;

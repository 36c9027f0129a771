-- $1 view, $2 fingerprint, $3 partition, $4 keys and $5 positions
DELETE FROM {schema}.held_events AS held
USING unnest($4::text [], $5::bigint []) AS gone (held_key, position)
WHERE held.view = $1
    AND held.fingerprint = $2
    AND held.partition = $3
    AND held.held_key = gone.held_key
    AND held.position = gone.position;

-- $1 view, $2 fingerprint, $3 partition, $4 keys and $5 positions
DELETE FROM {schema}.dead_letters AS letter
USING unnest($4::text [], $5::bigint []) AS gone (held_key, position)
WHERE letter.view = $1
    AND letter.fingerprint = $2
    AND letter.partition = $3
    AND letter.held_key = gone.held_key
    AND letter.position = gone.position;

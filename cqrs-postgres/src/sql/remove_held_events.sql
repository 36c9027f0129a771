-- $1 view, $2 fingerprint
DELETE FROM {schema}.held_events
WHERE view = $1
    AND fingerprint = $2;

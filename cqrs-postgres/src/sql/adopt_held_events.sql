-- $1 view, $2 fingerprint of the table whose events they become, $3 of the one that has them
UPDATE {schema}.held_events
SET fingerprint = $2
WHERE view = $1
    AND fingerprint = $3;

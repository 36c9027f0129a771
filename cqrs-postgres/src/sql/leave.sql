-- $1 view, $2 fingerprint, $3 node
DELETE FROM {schema}.standbys
WHERE view = $1
    AND fingerprint = $2
    AND node = $3;

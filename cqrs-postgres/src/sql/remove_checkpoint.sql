-- $1 view, $2 fingerprint
DELETE FROM {schema}.checkpoints
WHERE view = $1
    AND fingerprint = $2;

-- $1 view, $2 fingerprint, $3 partition
SELECT added
FROM {schema}.checkpoints
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3;

-- $1 view, $2 fingerprint, $3 partition, $4 epoch, $5 holder
UPDATE {schema}.checkpoints
SET added = '{}'
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3
    AND epoch = $4
    AND holder = $5;

-- $1 view, $2 fingerprint, $3 partition, $4 epoch, $5 holder
--
-- Whether the table answers for its own schema; no row comes back when another worker has the lease.
SELECT answers
FROM {schema}.checkpoints
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3
    AND epoch = $4
    AND holder = $5;

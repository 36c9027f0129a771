-- $1 view, $2 fingerprint of a table, $3 partition, $4 its epoch, $5 its holder, $6 fingerprint of the
-- one that it would replace
--
-- Where the slowest partition of the other one stands; no row comes back when another worker has the lease.
SELECT
    other.log_id,
    other.position,
    other.event_position,
    other.event_id
FROM {schema}.checkpoints AS own
INNER JOIN {schema}.checkpoints AS other
    ON other.view = own.view
    AND other.fingerprint = $6
WHERE own.view = $1
    AND own.fingerprint = $2
    AND own.partition = $3
    AND own.epoch = $4
    AND own.holder = $5
ORDER BY other.position
LIMIT 1;

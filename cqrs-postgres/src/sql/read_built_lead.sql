-- $1 view, $2 fingerprint of a table that was built, $3 partition, $4 its epoch, $5 its holder, $6 fingerprint
-- of the table that it would replace
--
-- Where the partition of the other one stands that is further than the one in its place, of several the
-- first; no row comes back when another worker has the lease.
SELECT
    other.log_id,
    other.position,
    other.event_position,
    other.event_id
FROM {schema}.checkpoints AS own
INNER JOIN {schema}.checkpoints AS other
    ON other.view = own.view
    AND other.fingerprint = $6
LEFT JOIN {schema}.checkpoints AS instead
    ON instead.view = own.view
    AND instead.fingerprint = own.fingerprint
    AND instead.partition = other.partition
    AND instead.position < other.position
WHERE own.view = $1
    AND own.fingerprint = $2
    AND own.partition = $3
    AND own.epoch = $4
    AND own.holder = $5
ORDER BY
    instead.position IS NULL,
    other.position
LIMIT 1;

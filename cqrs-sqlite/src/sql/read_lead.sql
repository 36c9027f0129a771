-- ?1 view, ?2 fingerprint of a table, ?3 its epoch, ?4 its holder, ?5 fingerprint of the one that
-- it would replace
--
-- Where the other one stands; no row comes back when another worker has the lease.
SELECT
    other.log_id,
    other.position,
    other.event_position,
    other.event_id
FROM cqrs_checkpoints AS own
INNER JOIN cqrs_checkpoints AS other
    ON other.view = own.view
    AND other.fingerprint = ?5
WHERE own.view = ?1
    AND own.fingerprint = ?2
    AND own.epoch = ?3
    AND own.holder = ?4;

-- ?1 view, ?2 fingerprint of the table that is built
SELECT
    log_id,
    position,
    event_position,
    event_id,
    holder,
    leased_until
FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint = ?2;

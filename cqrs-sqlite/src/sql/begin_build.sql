-- ?1 view, ?2 fingerprint of the table to build, ?3 holder, ?4 now (microseconds), ?5 leased until, and
-- where it begins: ?6 log, ?7 position, ?8 position of its event, ?9 id of its event; ?10 the
-- names that it follows (JSON)
--
-- No row comes back while another worker builds it.
INSERT INTO cqrs_checkpoints (
    view,
    fingerprint,
    answers,
    holder,
    leased_until,
    log_id,
    position,
    event_position,
    event_id,
    events,
    epoch
)
VALUES (?1, ?2, 0, ?3, ?5, ?6, ?7, ?8, ?9, ?10, 1)
ON CONFLICT (view, fingerprint) DO UPDATE SET
    holder = excluded.holder,
    leased_until = excluded.leased_until,
    log_id = excluded.log_id,
    position = excluded.position,
    event_position = excluded.event_position,
    event_id = excluded.event_id,
    events = excluded.events,
    epoch = cqrs_checkpoints.epoch + 1
WHERE cqrs_checkpoints.holder IS NULL
    OR cqrs_checkpoints.leased_until <= ?4
RETURNING epoch;

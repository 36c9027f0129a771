-- ?1 view, ?2 fingerprint of the table to build, ?3 holder, ?4 now (microseconds), ?5 leased until, and
-- where it begins: ?6 log, ?7 position, ?8 position of its event, ?9 id of its event; ?10 the
-- names that it follows, ?11 its partitions: JSON
--
-- One epoch for all partitions. No row comes back while another worker builds any of them.
INSERT INTO cqrs_checkpoints (
    view,
    fingerprint,
    partition,
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
SELECT
    ?1, ?2, value, 0, ?3, ?5, ?6, ?7, ?8, ?9, ?10,
    (
        SELECT coalesce(max(epoch), 0) + 1
        FROM cqrs_checkpoints
        WHERE view = ?1
            AND fingerprint = ?2
    )
FROM json_each(?11)
WHERE NOT EXISTS (
    SELECT 1
    FROM cqrs_checkpoints
    WHERE view = ?1
        AND fingerprint = ?2
        AND holder IS NOT NULL
        AND leased_until > ?4
)
ON CONFLICT (view, fingerprint, partition) DO UPDATE SET
    holder = excluded.holder,
    leased_until = excluded.leased_until,
    log_id = excluded.log_id,
    position = excluded.position,
    event_position = excluded.event_position,
    event_id = excluded.event_id,
    events = excluded.events,
    epoch = excluded.epoch
RETURNING epoch;

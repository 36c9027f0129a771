-- $1 view, $2 fingerprint of the table to build, $3 holder, $4 lease (microseconds), and where it begins: $5 log,
-- $6 position, $7 position of its event, $8 id of its event; $9 the names that it follows, $10 how many
-- partitions it has
--
-- One epoch for all partitions. No row comes back while another worker builds any of them.
INSERT INTO {schema}.checkpoints (
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
    $1,
    $2,
    numbers.number,
    FALSE,
    $3,
    clock_timestamp() + $4::bigint * interval '1 microsecond',
    $5,
    $6,
    $7,
    $8,
    $9,
    (
        SELECT coalesce(max(epoch), 0) + 1
        FROM {schema}.checkpoints
        WHERE view = $1
            AND fingerprint = $2
    )
FROM generate_series(0, $10 - 1) AS numbers (number)
WHERE NOT EXISTS (
    SELECT 1
    FROM {schema}.checkpoints
    WHERE view = $1
        AND fingerprint = $2
        AND holder IS NOT NULL
        AND leased_until > clock_timestamp()
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

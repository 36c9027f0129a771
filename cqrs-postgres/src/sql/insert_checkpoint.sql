-- $1 view, $2 fingerprint, $3 shape, $4 whether it answers at once, $5 the names that it follows, $6 how many
-- partitions; kept where there are any
INSERT INTO {schema}.checkpoints AS kept (view, fingerprint, partition, shape, leased_until, answers, events)
SELECT
    $1,
    $2,
    numbers.number,
    $3,
    clock_timestamp(),
    $4,
    $5
FROM generate_series(0, $6 - 1) AS numbers (number)
ON CONFLICT (view, fingerprint, partition) DO UPDATE SET
    leased_until = greatest(kept.leased_until, excluded.leased_until),
    shape = excluded.shape;

-- ?1 view, ?2 fingerprint, ?3 shape, ?4 now (microseconds), ?5 whether it answers at once, ?6 the names
-- that it follows (JSON), ?7 the partitions: JSON; kept where there are any
INSERT INTO cqrs_checkpoints (
    view, fingerprint, partition, shape, leased_until, answers, events, position, epoch
)
SELECT
    ?1, ?2, value, ?3, ?4, ?5, ?6, 0, 0
FROM json_each(?7)
WHERE TRUE
ON CONFLICT (view, fingerprint, partition) DO UPDATE SET
    leased_until = max(coalesce(leased_until, 0), excluded.leased_until),
    shape = excluded.shape;

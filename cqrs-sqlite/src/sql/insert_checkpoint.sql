-- ?1 view, ?2 fingerprint, ?3 shape, ?4 now (microseconds), ?5 whether it answers at once, ?6 the names
-- that it follows (JSON); kept when there is one
INSERT INTO cqrs_checkpoints (view, fingerprint, shape, leased_until, answers, events, position, epoch)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)
ON CONFLICT (view, fingerprint) DO UPDATE SET
    leased_until = max(coalesce(leased_until, 0), excluded.leased_until),
    shape = excluded.shape;

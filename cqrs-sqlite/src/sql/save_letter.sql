-- ?1 view, ?2 fingerprint, ?3 position, ?4 key, ?5 category, ?6 stream id, ?7 version, ?8 name,
-- ?9 event id, ?10 recorded at, ?11 reason, ?12 attempts, which are added to those before
INSERT INTO cqrs_dead_letters (
    view, fingerprint, position, held_key, category, stream_id, version, name, event_id, recorded_at,
    reason, attempts
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (view, fingerprint, position, held_key) DO UPDATE SET
    reason = excluded.reason,
    attempts = attempts + excluded.attempts;

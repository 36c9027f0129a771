-- $1 view, $2 fingerprint, $3 partition, $4 position, $5 key, $6 category, $7 stream id, $8 version, $9 name,
-- $10 event id, $11 recorded at, $12 reason, $13 attempts, which are added to those before
INSERT INTO {schema}.dead_letters AS letter (
    view, fingerprint, partition, position, held_key, category, stream_id, version, name, event_id, recorded_at,
    reason, attempts
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (view, fingerprint, partition, position, held_key) DO UPDATE SET
    reason = excluded.reason,
    attempts = letter.attempts + excluded.attempts;

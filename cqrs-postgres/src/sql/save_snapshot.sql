-- $1 category, $2 stream id, $3 version, $4 fingerprint, $5 state
INSERT INTO {schema}.snapshots AS kept (category, stream_id, version, fingerprint, state)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (category, stream_id) DO UPDATE SET
    version = excluded.version,
    fingerprint = excluded.fingerprint,
    state = excluded.state
WHERE excluded.fingerprint <> kept.fingerprint
    OR excluded.version > kept.version;

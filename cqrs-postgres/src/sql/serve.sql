-- $1 view, $2 fingerprint
INSERT INTO {schema}.views (view, fingerprint)
VALUES ($1, $2)
ON CONFLICT (view) DO UPDATE SET fingerprint = excluded.fingerprint;

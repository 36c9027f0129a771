-- ?1 view, ?2 fingerprint
INSERT INTO cqrs_views (view, fingerprint)
VALUES (?1, ?2)
ON CONFLICT (view) DO UPDATE SET fingerprint = excluded.fingerprint;

-- ?1 view, ?2 fingerprint; kept when there is one
INSERT INTO cqrs_checkpoints (view, fingerprint, position, epoch)
VALUES (?1, ?2, 0, 0)
ON CONFLICT (view, fingerprint) DO NOTHING;

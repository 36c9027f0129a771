-- ?1 identity, kept when the log has one
INSERT INTO cqrs_log (id)
SELECT ?1
WHERE NOT EXISTS (SELECT 1 FROM cqrs_log);

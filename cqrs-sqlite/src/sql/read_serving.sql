-- ?1 view
SELECT fingerprint
FROM cqrs_views
WHERE view = ?1;

-- The newest migration that this file has seen.
SELECT coalesce(max(number), 0)
FROM cqrs_migrations;

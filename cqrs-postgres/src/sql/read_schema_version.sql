-- The newest migration that this schema has seen.
SELECT coalesce(max(number), 0)
FROM {schema}.migrations;

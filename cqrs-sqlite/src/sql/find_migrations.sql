-- Whether the table of migrations is there.
SELECT count(*)
FROM sqlite_schema
WHERE type = 'table'
    AND name = 'cqrs_migrations';

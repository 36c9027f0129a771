-- $1 schema: whether its table of migrations is there
SELECT EXISTS (
    SELECT 1
    FROM pg_catalog.pg_class AS tables
    INNER JOIN pg_catalog.pg_namespace AS schemas ON schemas.oid = tables.relnamespace
    WHERE schemas.nspname = $1
        AND tables.relname = 'migrations'
);

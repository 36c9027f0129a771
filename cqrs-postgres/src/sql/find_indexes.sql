-- $1 schema, $2 name of a table: its indexes
SELECT indexes.relname::text
FROM pg_catalog.pg_index AS entries
INNER JOIN pg_catalog.pg_class AS tables ON tables.oid = entries.indrelid
INNER JOIN pg_catalog.pg_namespace AS schemas ON schemas.oid = tables.relnamespace
INNER JOIN pg_catalog.pg_class AS indexes ON indexes.oid = entries.indexrelid
WHERE schemas.nspname = $1
    AND tables.relname = $2;

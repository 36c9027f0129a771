-- $1 schema, $2 name of a view, $3 name of a table
--
-- What has one of the names: its kind, its name, its columns, and for an SQL view what it shows.
SELECT
    relations.relkind::text,
    relations.relname::text,
    coalesce((
        SELECT string_agg(
            quote_ident(columns.attname) || ' ' || format_type(columns.atttypid, columns.atttypmod),
            ', ' ORDER BY columns.attnum
        )
        FROM pg_catalog.pg_attribute AS columns
        WHERE columns.attrelid = relations.oid
            AND columns.attnum > 0
            AND NOT columns.attisdropped
    ), ''),
    coalesce((
        SELECT string_agg(DISTINCT shown.relnamespace::regnamespace::text || '.' || shown.relname, ', ')
        FROM pg_catalog.pg_rewrite AS rules
        INNER JOIN pg_catalog.pg_depend AS depends
            ON depends.classid = 'pg_catalog.pg_rewrite'::regclass
            AND depends.objid = rules.oid
            AND depends.refclassid = 'pg_catalog.pg_class'::regclass
            AND depends.refobjid <> relations.oid
        INNER JOIN pg_catalog.pg_class AS shown ON shown.oid = depends.refobjid
        WHERE rules.ev_class = relations.oid
    ), '')
FROM pg_catalog.pg_class AS relations
INNER JOIN pg_catalog.pg_namespace AS schemas ON schemas.oid = relations.relnamespace
WHERE schemas.nspname = $1
    AND relations.relname IN ($2, $3);

-- The schema, and the numbers of the migrations that it has seen. Whoever may not make schemas can be
-- given one.
DO $block$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {name}) THEN
        CREATE SCHEMA {schema};
    END IF;
END
$block$;

CREATE TABLE IF NOT EXISTS {schema}.migrations (
    number integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_migrations PRIMARY KEY (number)
);

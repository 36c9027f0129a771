-- Which table answers for a view under its plain name. The others are built beside it, or belong to
-- older code until nobody renews their lease any more.
CREATE TABLE {schema}.views (
    view text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    CONSTRAINT pk_views PRIMARY KEY (view)
);

-- The tables of the views: a schema of their own, so that a view may have any name and programs that
-- make and drop them need no right to do so beside the log. Whoever may not make schemas can be given one.
DO $block$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {views_name}) THEN
        CREATE SCHEMA {views};
    END IF;
END
$block$;

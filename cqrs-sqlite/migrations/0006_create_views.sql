-- Which table answers for a view under its plain name. The others are built beside it, or belong to
-- older code until nobody renews their lease any more.
CREATE TABLE cqrs_views (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    CONSTRAINT pk_cqrs_views PRIMARY KEY (view)
) STRICT, WITHOUT ROWID;

-- The columns and the key as a number: tables with the same one can answer each other's queries.
ALTER TABLE cqrs_checkpoints ADD COLUMN shape TEXT;

-- Whether the table has caught up once, so that it answers for its own schema.
ALTER TABLE cqrs_checkpoints ADD COLUMN answers INTEGER NOT NULL DEFAULT 1;

-- Without a holder, leased_until says from now on when the table was last used.
UPDATE cqrs_checkpoints
SET leased_until = unixepoch() * 1000000
WHERE leased_until IS NULL;

INSERT INTO cqrs_views (view, fingerprint)
SELECT
    checkpoints.view,
    checkpoints.fingerprint
FROM cqrs_checkpoints AS checkpoints
INNER JOIN sqlite_schema AS plain
    ON plain.type = 'view'
    AND plain.name = checkpoints.view
    AND substr(plain.sql, -17) = checkpoints.fingerprint || '"';

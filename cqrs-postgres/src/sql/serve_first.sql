-- $1 view, $2 fingerprint
--
-- The first table of a view answers, and so does any where the one that answered was removed by hand.
INSERT INTO {schema}.views AS served (view, fingerprint)
VALUES ($1, $2)
ON CONFLICT (view) DO UPDATE SET fingerprint = excluded.fingerprint
WHERE NOT EXISTS (
    SELECT 1
    FROM {schema}.checkpoints AS serving
    WHERE serving.view = served.view
        AND serving.fingerprint = served.fingerprint
);

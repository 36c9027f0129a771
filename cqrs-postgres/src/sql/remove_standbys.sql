-- $1 view
--
-- Nodes that were never heard of again. What another node removes at the same time is left to it.
DELETE FROM {schema}.standbys
WHERE (view, fingerprint, node) IN (
    SELECT
        gone.view,
        gone.fingerprint,
        gone.node
    FROM {schema}.standbys AS gone
    WHERE gone.view = $1
        AND gone.stands_by_until <= clock_timestamp()
    FOR UPDATE SKIP LOCKED
);

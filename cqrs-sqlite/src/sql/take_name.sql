-- ?1 view, ?2 fingerprint of one's own table, ?3 last used by then (microseconds)
--
-- A row comes back when the plain name goes from a table that nobody feeds to this one.
UPDATE cqrs_views
SET fingerprint = ?2
WHERE view = ?1
    AND fingerprint <> ?2
    AND EXISTS (
        SELECT 1
        FROM cqrs_checkpoints AS own
        WHERE own.view = ?1
            AND own.fingerprint = ?2
            AND own.answers
    )
    AND EXISTS (
        SELECT max(serving.leased_until)
        FROM cqrs_checkpoints AS serving
        WHERE serving.view = ?1
            AND serving.fingerprint = cqrs_views.fingerprint
        HAVING max(coalesce(serving.leased_until, 0)) <= ?3
    )
RETURNING '';

-- ?1 view, ?2 fingerprint of one's own table, ?3 last used by then (microseconds); what is removed comes
-- back, once for each partition
DELETE FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint <> ?2
    AND fingerprint IN (
        SELECT unused.fingerprint
        FROM cqrs_checkpoints AS unused
        WHERE unused.view = ?1
        GROUP BY unused.fingerprint
        HAVING max(coalesce(unused.leased_until, 0)) <= ?3
    )
    AND fingerprint NOT IN (
        SELECT views.fingerprint
        FROM cqrs_views AS views
        WHERE views.view = ?1
    )
RETURNING fingerprint;

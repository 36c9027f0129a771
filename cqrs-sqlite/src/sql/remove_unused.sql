-- ?1 view, ?2 fingerprint of one's own table, ?3 last used by then (microseconds); what is removed comes back
DELETE FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint <> ?2
    AND coalesce(leased_until, 0) <= ?3
    AND fingerprint NOT IN (
        SELECT views.fingerprint
        FROM cqrs_views AS views
        WHERE views.view = ?1
    )
RETURNING fingerprint;

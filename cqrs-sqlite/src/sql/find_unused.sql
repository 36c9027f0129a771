-- ?1 view, ?2 fingerprint of one's own table, ?3 last used by then (microseconds)
SELECT fingerprint
FROM cqrs_checkpoints
WHERE view = ?1
    AND fingerprint <> ?2
GROUP BY fingerprint
HAVING max(coalesce(leased_until, 0)) <= ?3;

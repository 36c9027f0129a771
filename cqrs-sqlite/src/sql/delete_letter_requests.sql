-- ?1 view, ?2 fingerprint, ?3 asked before (microseconds): answered ones that nobody fetches any more
DELETE FROM cqrs_letter_requests
WHERE view = ?1
    AND fingerprint = ?2
    AND outcome IS NOT NULL
    AND asked_at < ?3;

-- ?1 view, ?2 fingerprint
SELECT
    request_id,
    letter_order
FROM cqrs_letter_requests
WHERE view = ?1
    AND fingerprint = ?2
    AND outcome IS NULL
ORDER BY number;

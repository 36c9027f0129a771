-- $1 view, $2 fingerprint, $3 partition
SELECT
    request_id,
    letter_order
FROM {schema}.letter_requests
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3
    AND outcome IS NULL
ORDER BY number;

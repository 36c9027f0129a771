-- $1 view, $2 fingerprint, $3 request
SELECT outcome
FROM {schema}.letter_requests
WHERE view = $1
    AND fingerprint = $2
    AND request_id = $3;

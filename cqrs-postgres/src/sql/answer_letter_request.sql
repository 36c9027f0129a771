-- $1 view, $2 fingerprint, $3 request, $4 outcome: JSON
UPDATE {schema}.letter_requests
SET outcome = $4
WHERE view = $1
    AND fingerprint = $2
    AND request_id = $3;

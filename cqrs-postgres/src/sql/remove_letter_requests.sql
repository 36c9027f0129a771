-- $1 view, $2 fingerprint
DELETE FROM {schema}.letter_requests
WHERE view = $1
    AND fingerprint = $2;

-- $1 view, $2 fingerprint, $3 kept for so long (microseconds): answered ones that nobody fetches any more
DELETE FROM {schema}.letter_requests
WHERE view = $1
    AND fingerprint = $2
    AND outcome IS NOT NULL
    AND asked_at < clock_timestamp() - $3::bigint * interval '1 microsecond';

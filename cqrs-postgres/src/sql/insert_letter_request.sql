-- $1 view, $2 fingerprint, $3 partition, $4 request, $5 order: JSON
INSERT INTO {schema}.letter_requests (view, fingerprint, partition, request_id, letter_order, asked_at)
VALUES ($1, $2, $3, $4, $5, clock_timestamp());

-- $1 event id, $2 stream, $3 version, $4 name, $5 payload, $6 correlation id
INSERT INTO events (event_id, stream, version, name, payload, correlation_id)
VALUES ($1, $2, $3, $4, $5::json, $6);

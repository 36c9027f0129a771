-- ?1 event id, ?2 stream, ?3 version, ?4 name, ?5 payload, ?6 correlation id, ?7 recorded at
INSERT INTO events (event_id, stream, version, name, payload, correlation_id, recorded_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

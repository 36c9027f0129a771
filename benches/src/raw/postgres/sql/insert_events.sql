-- Lists: $1 event ids, $2 streams, $3 versions, $4 names, $5 payloads
INSERT INTO events (event_id, stream, version, name, payload, correlation_id)
SELECT
    event.id,
    event.stream,
    event.version,
    event.name,
    event.payload::json,
    event.id
FROM unnest($1::uuid [], $2::text [], $3::bigint [], $4::text [], $5::text [])
    WITH ORDINALITY AS event (id, stream, version, name, payload, place)
ORDER BY event.place;

-- $1 after this position, $2 how many events
--
-- Ten events of each stream within ten thousand of the log. New values of every index come at its end, as
-- ids made from the time do, so that filling takes minutes.
INSERT INTO cqrs.events (
    position,
    event_id,
    category,
    stream_id,
    version,
    name,
    schema_version,
    payload,
    correlation_id,
    command_id,
    command_name,
    command_events,
    recorded_at
)
SELECT
    place,
    lpad(to_hex(place), 32, '0')::uuid,
    'archive',
    lpad(to_hex(place / 10000 * 1000 + place % 1000), 16, '0'),
    place % 10000 / 1000 + 1,
    'archive.noted',
    1,
    '{"amount":10}',
    lpad(to_hex(place), 32, '0')::uuid,
    lpad(to_hex(place), 32, '0')::uuid,
    'note',
    1,
    now()
FROM generate_series($1::bigint + 1, $1::bigint + $2::bigint) AS place;

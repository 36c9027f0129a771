-- The next position is behind the filled events.
SELECT setval('cqrs.events_position_seq', max(position))
FROM cqrs.events;

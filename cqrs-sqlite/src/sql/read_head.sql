-- The log's identity and its last event.
SELECT
    log.id,
    last.position,
    last.event_id
FROM cqrs_log AS log
LEFT JOIN cqrs_events AS last ON last.position = (SELECT max(position) FROM cqrs_events);

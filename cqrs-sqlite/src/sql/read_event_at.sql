-- ?1 position
SELECT event_id
FROM cqrs_events
WHERE position = ?1;

-- $1 position
SELECT event_id
FROM {schema}.events
WHERE position = $1;

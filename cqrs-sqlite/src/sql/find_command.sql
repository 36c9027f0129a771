-- ?1 command id, ?2 category, ?3 stream id
SELECT
    command_name,
    version + command_events - 1,
    position + command_events - 1,
    command_events
FROM cqrs_events
WHERE command_id = ?1
    AND category = ?2
    AND stream_id = ?3
    AND command_name IS NOT NULL;

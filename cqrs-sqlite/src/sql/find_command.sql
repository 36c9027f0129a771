-- ?1 command id, ?2 category, ?3 stream id
SELECT
    name,
    version,
    position,
    events
FROM cqrs_commands
WHERE command_id = ?1
    AND category = ?2
    AND stream_id = ?3;

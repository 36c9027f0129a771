-- ?1 category, ?2 stream id
SELECT coalesce(max(version), 0)
FROM cqrs_events
WHERE category = ?1
    AND stream_id = ?2;

-- The streams of the filled events.
INSERT INTO cqrs.streams (category, stream_id, version, recorded_at)
SELECT
    category,
    stream_id,
    max(version),
    max(recorded_at)
FROM cqrs.events
WHERE category = 'archive'
GROUP BY
    category,
    stream_id
ORDER BY
    category,
    stream_id;

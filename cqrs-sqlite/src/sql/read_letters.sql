-- ?1 view, ?2 fingerprint, ?3 partition, ?4 whether discarded ones or waiting ones, ?5 and ?6 behind this position
-- and key, or NULL, ?7 limit
SELECT
    held_key,
    position,
    category,
    stream_id,
    version,
    name,
    event_id,
    recorded_at,
    reason,
    attempts,
    discarded,
    (
        SELECT count(*)
        FROM cqrs_held_events AS held
        WHERE held.view = letter.view
            AND held.fingerprint = letter.fingerprint
            AND held.partition = letter.partition
            AND held.held_key = letter.held_key
            AND held.position > letter.position
    )
FROM cqrs_dead_letters AS letter
WHERE view = ?1
    AND fingerprint = ?2
    AND partition = ?3
    AND (discarded IS NOT NULL) = ?4
    AND (?5 IS NULL OR (position, held_key) > (?5, ?6))
ORDER BY position, held_key
LIMIT ?7;

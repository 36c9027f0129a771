-- ?1 view, ?2 fingerprint, ?3 whether discarded ones or waiting ones, ?4 and ?5 behind this position
-- and key, or NULL, ?6 limit
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
            AND held.held_key = letter.held_key
            AND held.position > letter.position
    )
FROM cqrs_dead_letters AS letter
WHERE view = ?1
    AND fingerprint = ?2
    AND (discarded IS NOT NULL) = ?3
    AND (?4 IS NULL OR (position, held_key) > (?4, ?5))
ORDER BY position, held_key
LIMIT ?6;

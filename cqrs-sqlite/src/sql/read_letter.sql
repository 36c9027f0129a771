-- ?1 view, ?2 fingerprint, ?3 position, ?4 key
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
    AND position = ?3
    AND held_key = ?4;

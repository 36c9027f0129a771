-- ?1 view, ?2 fingerprint, ?3 position, ?4 key, ?5 reason
UPDATE cqrs_dead_letters
SET discarded = ?5
WHERE view = ?1
    AND fingerprint = ?2
    AND position = ?3
    AND held_key = ?4;

-- ?1 view, ?2 fingerprint, ?3 epoch, ?4 holder, ?5 a position of the serving table that does not count
--
-- No row comes back when another worker has the lease, or the serving table has come further.
UPDATE cqrs_checkpoints AS own
SET answers = 1
WHERE own.view = ?1
    AND own.fingerprint = ?2
    AND own.epoch = ?3
    AND own.holder = ?4
    AND NOT EXISTS (
        SELECT 1
        FROM cqrs_views AS views
        INNER JOIN cqrs_checkpoints AS serving
            ON serving.view = views.view
            AND serving.fingerprint = views.fingerprint
        WHERE views.view = own.view
            AND serving.log_id = own.log_id
            AND serving.position > own.position
            AND serving.position IS NOT ?5
    )
RETURNING '';

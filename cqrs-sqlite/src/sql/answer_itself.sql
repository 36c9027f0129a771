-- ?1 view, ?2 fingerprint, ?3 partition, ?4 epoch, ?5 holder, ?6 a position of the serving table that
-- does not count
--
-- No row comes back when another worker has the lease, or the serving table has come further: the
-- slowest partition of each counts, which has no log yet where nobody has claimed it.
UPDATE cqrs_checkpoints
SET answers = 1
WHERE view = ?1
    AND fingerprint = ?2
    AND EXISTS (
        SELECT 1
        FROM cqrs_checkpoints AS own
        WHERE own.view = ?1
            AND own.fingerprint = ?2
            AND own.partition = ?3
            AND own.epoch = ?4
            AND own.holder = ?5
    )
    AND NOT EXISTS (
        SELECT min(serving.position)
        FROM cqrs_views AS views
        INNER JOIN cqrs_checkpoints AS serving
            ON serving.view = views.view
            AND serving.fingerprint = views.fingerprint
        INNER JOIN (
            SELECT
                max(log_id) AS log_id,
                min(position) AS position
            FROM cqrs_checkpoints
            WHERE view = ?1
                AND fingerprint = ?2
        ) AS slowest
            ON slowest.log_id = serving.log_id
        WHERE views.view = ?1
        HAVING min(serving.position) > slowest.position
            AND min(serving.position) IS NOT ?6
    )
RETURNING '';

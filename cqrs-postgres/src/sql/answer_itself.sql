-- $1 view, $2 fingerprint, $3 partition, $4 epoch, $5 holder, $6 a position of the serving table that
-- does not count
--
-- No row comes back when another worker has the lease, or the serving table has come further: the
-- slowest partition of each counts, which has no log yet where nobody has claimed it.
UPDATE {schema}.checkpoints
SET answers = TRUE
WHERE view = $1
    AND fingerprint = $2
    AND EXISTS (
        SELECT 1
        FROM {schema}.checkpoints AS own
        WHERE own.view = $1
            AND own.fingerprint = $2
            AND own.partition = $3
            AND own.epoch = $4
            AND own.holder = $5
    )
    AND NOT EXISTS (
        SELECT 1
        FROM (
            SELECT min(position) AS position
            FROM {schema}.checkpoints
            WHERE view = $1
                AND fingerprint = $2
        ) AS slowest
        CROSS JOIN (
            SELECT min(served.position) AS position
            FROM {schema}.views AS views
            INNER JOIN {schema}.checkpoints AS served
                ON served.view = views.view
                AND served.fingerprint = views.fingerprint
            WHERE views.view = $1
                AND served.log_id IN (
                    SELECT log_id
                    FROM {schema}.checkpoints
                    WHERE view = $1
                        AND fingerprint = $2
                )
        ) AS serving
        WHERE serving.position > slowest.position
            AND serving.position IS DISTINCT FROM $6
    )
RETURNING TRUE;

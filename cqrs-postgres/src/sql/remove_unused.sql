-- $1 view, $2 fingerprint of one's own table, $3 not used for so long (microseconds); what is removed comes
-- back, once for each partition
DELETE FROM {schema}.checkpoints
WHERE view = $1
    AND fingerprint <> $2
    AND fingerprint IN (
        SELECT unused.fingerprint
        FROM {schema}.checkpoints AS unused
        WHERE unused.view = $1
        GROUP BY unused.fingerprint
        HAVING max(unused.leased_until) <= clock_timestamp() - $3::bigint * interval '1 microsecond'
    )
    AND fingerprint NOT IN (
        SELECT views.fingerprint
        FROM {schema}.views AS views
        WHERE views.view = $1
    )
RETURNING fingerprint;

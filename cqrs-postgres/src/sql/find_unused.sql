-- $1 view, $2 fingerprint of one's own table, $3 not used for so long (microseconds)
SELECT fingerprint
FROM {schema}.checkpoints
WHERE view = $1
    AND fingerprint <> $2
GROUP BY fingerprint
HAVING max(leased_until) <= clock_timestamp() - $3::bigint * interval '1 microsecond';

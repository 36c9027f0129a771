-- $1 view, $2 fingerprint, $3 partition, $4 the names that are followed: those that are not, of the table's
SELECT names.name
FROM {schema}.checkpoints AS own
CROSS JOIN LATERAL unnest(own.events) AS names (name)
WHERE own.view = $1
    AND own.fingerprint = $2
    AND own.partition = $3
    AND names.name <> ALL($4::text [])
ORDER BY names.name;

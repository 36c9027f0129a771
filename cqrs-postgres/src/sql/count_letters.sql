-- $1 view, $2 fingerprint, $3 partition
SELECT count(*)
FROM {schema}.dead_letters
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3
    AND discarded IS NULL;

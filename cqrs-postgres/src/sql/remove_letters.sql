-- $1 view, $2 fingerprint
DELETE FROM {schema}.dead_letters
WHERE view = $1
    AND fingerprint = $2;

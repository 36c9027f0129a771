-- $1 view
SELECT fingerprint
FROM {schema}.views
WHERE view = $1;

-- $1 view, $2 fingerprint, $3 partition, $4 position, $5 key, $6 reason
UPDATE {schema}.dead_letters
SET discarded = $6
WHERE view = $1
    AND fingerprint = $2
    AND partition = $3
    AND position = $4
    AND held_key = $5;

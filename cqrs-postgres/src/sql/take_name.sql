-- $1 view, $2 fingerprint of one's own table, $3 not used for so long (microseconds)
--
-- A row comes back when the plain name goes from a table that nobody feeds to this one.
UPDATE {schema}.views AS served
SET fingerprint = $2
WHERE served.view = $1
    AND served.fingerprint <> $2
    AND EXISTS (
        SELECT 1
        FROM {schema}.checkpoints AS own
        WHERE own.view = $1
            AND own.fingerprint = $2
            AND own.answers
    )
    AND NOT EXISTS (
        SELECT 1
        FROM {schema}.checkpoints AS serving
        WHERE serving.view = $1
            AND serving.fingerprint = served.fingerprint
            AND serving.leased_until > clock_timestamp() - $3::bigint * interval '1 microsecond'
    )
RETURNING TRUE;

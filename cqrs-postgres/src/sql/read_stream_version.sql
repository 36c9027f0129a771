-- $1 category, $2 stream id
SELECT version
FROM {schema}.streams
WHERE category = $1
    AND stream_id = $2;

-- What the server is like.
SELECT
    current_setting('server_version_num')::integer,
    current_setting('server_encoding'),
    pg_is_in_recovery(),
    current_setting('transaction_read_only')::boolean,
    current_setting('fsync')::boolean AND current_setting('synchronous_commit') <> 'off';

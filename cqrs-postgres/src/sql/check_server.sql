-- What the server is like, and whether it has what the connection was opened with.
SELECT
    current_setting('server_version_num')::integer,
    current_setting('server_encoding'),
    pg_is_in_recovery(),
    current_setting('transaction_read_only')::boolean,
    current_setting('fsync')::boolean AND current_setting('synchronous_commit') <> 'off',
    (SELECT source = 'client' FROM pg_settings WHERE name = 'statement_timeout');

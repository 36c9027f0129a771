-- $1 process: whether it serves a session. One that waits for its client for too long is ended.
SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1);

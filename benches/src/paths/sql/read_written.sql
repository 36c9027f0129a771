-- How many bytes of write-ahead log there were in all.
SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::double precision;

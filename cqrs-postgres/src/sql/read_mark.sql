-- What is drawn, and who holds back the mark: the transaction with the smallest locked value, of several
-- the oldest. How long it has been open is not to be seen for who may not see other roles' sessions.
SELECT
    sequence.drawn,
    locked.held,
    locked.pid,
    activity.application_name,
    prepared.gid,
    (extract(EPOCH FROM clock_timestamp() - coalesce(activity.xact_start, prepared.prepared)) * 1000000)::bigint,
    locked.virtualtransaction
FROM (
    SELECT coalesce(pg_sequence_last_value('{schema}.events_position_seq'::regclass), 0) AS drawn
) AS sequence
LEFT JOIN LATERAL (
    SELECT
        sequence.drawn
            + ((locks.objid::bigint - sequence.drawn + 2147483648) & 4294967295) - 2147483648 AS held,
        locks.pid,
        locks.virtualtransaction
    FROM pg_catalog.pg_locks AS locks
    WHERE locks.locktype = 'advisory'
        AND locks.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND locks.classid = '{schema}.events_position_seq'::regclass::oid
        AND locks.objsubid = 2
        AND locks.mode = 'ShareLock'
        AND locks.granted
) AS locked ON TRUE
LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = locked.pid
-- A prepared transaction has no process, but a lock on its own id.
LEFT JOIN pg_catalog.pg_locks AS own
    ON locked.pid IS NULL
        AND own.pid IS NULL
        AND own.locktype = 'transactionid'
        AND own.virtualtransaction = locked.virtualtransaction
LEFT JOIN pg_catalog.pg_prepared_xacts AS prepared ON prepared.transaction = own.transactionid
ORDER BY
    locked.held,
    coalesce(activity.xact_start, prepared.prepared)
LIMIT 1;

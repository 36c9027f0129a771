-- TRUE on a server that takes writes; a read-only replica raises an error, since it may lack events that
-- are at or below a position that the primary has called final.
CREATE FUNCTION {schema}.require_primary()
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'this server is a read-only replica' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    RETURN TRUE;
END
$function$;

-- The last event at or below which every event is final; its position is where the log ends.
--
-- What was drawn behind it by transactions that were rolled back does not count. A rollback is not on the
-- disk when it has ended, so a server that crashes may draw those positions once more, while the
-- commit of an event brings all that was drawn before it to the disk.
--
-- previous: the highest such position that the caller was told before; a lock that is taken late on an
-- old value does not take it back. known_position and known_id: the event that it was told then, or
-- NULL. is_rewound: that event is gone, so this is not the log that the caller has read.
--
-- One statement a step: what is drawn, then who may still be writing at or below it, then the events.
CREATE FUNCTION {schema}.read_head(previous bigint, known_position bigint, known_id uuid)
RETURNS TABLE (log_id uuid, head bigint, last_position bigint, last_event_id uuid, is_rewound boolean)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    _drawn bigint;
    _held bigint;
    _head bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the end of the log is read under READ COMMITTED'
            USING ERRCODE = 'active_sql_transaction';
    END IF;
    PERFORM {schema}.require_primary();

    _drawn := coalesce(pg_sequence_last_value('{schema}.events_position_seq'::regclass), 0);

    -- The low 32 bits of a locked value, as the number nearest to what is drawn.
    SELECT min(_drawn + ((locks.objid::bigint - _drawn + 2147483648) & 4294967295) - 2147483648)
    INTO _held
    FROM pg_locks AS locks
    WHERE locks.locktype = 'advisory'
        AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND locks.classid = '{schema}.events_position_seq'::regclass::oid
        AND locks.objsubid = 2
        AND locks.mode = 'ShareLock'
        AND locks.granted;

    _head := greatest(previous, least(_drawn, _held));

    RETURN QUERY
    SELECT
        log.id,
        coalesce(last.position, 0),
        last.position,
        last.event_id,
        _drawn < previous OR (
            known_position IS NOT NULL
            AND NOT EXISTS (
                SELECT 1
                FROM {schema}.events AS known
                WHERE known.position = known_position
                    AND known.event_id = known_id
            )
        )
    FROM {schema}.log AS log
    LEFT JOIN LATERAL (
        SELECT
            events.position,
            events.event_id
        FROM {schema}.events AS events
        WHERE events.position <= _head
        ORDER BY events.position DESC
        LIMIT 1
    ) AS last ON TRUE;
END
$function$;

-- Appends what is most common in few statements: a batch in which each member writes one stream, and each
-- stream is written once. What it does not take it leaves as it was, for append_events to decide: a stream
-- that has another version, or that exists and should not. A command that is stored is refused by its
-- unique index, and the whole batch with it.
--
-- Writes are known streams first, then new ones, each in sorted order of their streams, so that nobody waits
-- for a lock while holding one that others wait for in the other order. An expected version is -1 for any.
--
-- One row for each event comes back that was appended. One statement a step, as in append_events.
CREATE FUNCTION {schema}.append_plain_events(
    known_streams integer,
    new_streams integer,
    write_categories text [],
    write_stream_ids text [],
    write_expected bigint [],
    write_events bigint [],
    write_recorded_times timestamptz [],
    event_writes integer [],
    event_numbers bigint [],
    event_categories text [],
    event_stream_ids text [],
    event_command_ids uuid [],
    event_command_names text [],
    event_command_events bigint [],
    event_correlation_ids uuid [],
    event_causation_ids uuid [],
    event_metadata_texts text [],
    event_ids uuid [],
    event_names text [],
    event_schema_versions bigint [],
    event_payloads text [],
    event_occurred_times timestamptz []
)
RETURNS TABLE (appended_id uuid, appended_version bigint, appended_position bigint)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $function$
DECLARE
    -- Of known streams, by the number of their write; NULL where it is not taken.
    _before bigint [];
    _times timestamptz [];
    _taken integer [];
    _taken_before bigint [];
    _taken_times timestamptz [];
    _new integer := 0;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events are appended under READ COMMITTED'
            USING ERRCODE = 'active_sql_transaction';
    END IF;

    IF new_streams > 0 THEN
        INSERT INTO {schema}.streams (category, stream_id, version, recorded_at)
        SELECT
            write.category,
            write.stream_id,
            write.events,
            write.recorded_at
        FROM unnest(
            write_categories[known_streams + 1 :],
            write_stream_ids[known_streams + 1 :],
            write_events[known_streams + 1 :],
            write_recorded_times[known_streams + 1 :]
        ) AS write (category, stream_id, events, recorded_at)
        ON CONFLICT (category, stream_id) DO NOTHING;
        GET DIAGNOSTICS _new = ROW_COUNT;
        IF _new < new_streams THEN
            -- Somebody else has made one of them, so all are left.
            DELETE FROM {schema}.streams AS streams
            USING unnest(
                write_categories[known_streams + 1 :],
                write_stream_ids[known_streams + 1 :]
            ) AS write (category, stream_id)
            WHERE streams.category = write.category
                AND streams.stream_id = write.stream_id
                AND streams.xmin = pg_current_xact_id()::xid;
            _new := 0;
        END IF;
    END IF;

    -- An update looks at the row's newest version when it has the row's lock.
    IF known_streams > 0 THEN
        WITH moved AS (
            UPDATE {schema}.streams AS streams
            SET
                version = streams.version + write.events,
                recorded_at = greatest(streams.recorded_at, write.recorded_at)
            FROM unnest(
                write_categories[: known_streams],
                write_stream_ids[: known_streams],
                write_expected[: known_streams],
                write_events[: known_streams],
                write_recorded_times[: known_streams]
            ) WITH ORDINALITY AS write (category, stream_id, expected, events, recorded_at, number)
            WHERE streams.category = write.category
                AND streams.stream_id = write.stream_id
                AND write.expected IN (-1, streams.version)
            RETURNING
                write.number::integer AS write,
                streams.version - write.events AS before,
                streams.recorded_at
        )
        SELECT
            array_agg(moved.write ORDER BY moved.write),
            array_agg(moved.before ORDER BY moved.write),
            array_agg(moved.recorded_at ORDER BY moved.write)
        INTO _taken, _taken_before, _taken_times
        FROM moved;

        IF cardinality(_taken) = known_streams THEN
            _before := _taken_before;
            _times := _taken_times;
        ELSE
            _before := array_fill(NULL::bigint, ARRAY[known_streams]);
            _times := array_fill(NULL::timestamptz, ARRAY[known_streams]);
            FOR _place IN 1 .. coalesce(cardinality(_taken), 0) LOOP
                _before[_taken[_place]] := _taken_before[_place];
                _times[_taken[_place]] := _taken_times[_place];
            END LOOP;
        END IF;
    END IF;

    IF _taken IS NULL AND _new = 0 THEN
        RETURN;
    END IF;

    -- Every position that is drawn from here on is above the value that is locked. The reader stays
    -- at or below the smallest one that is locked, until the lock goes with the transaction.
    PERFORM pg_advisory_xact_lock_shared(
        '{schema}.events_position_seq'::regclass::oid::bigint::bit(32)::integer,
        coalesce(pg_sequence_last_value('{schema}.events_position_seq'::regclass), 0)::bit(32)::integer
    );

    RETURN QUERY
    INSERT INTO {schema}.events AS events (
        position,
        event_id,
        category,
        stream_id,
        version,
        name,
        schema_version,
        payload,
        correlation_id,
        causation_id,
        command_id,
        command_name,
        command_events,
        recorded_at,
        occurred_at,
        metadata
    )
    SELECT
        nextval('{schema}.events_position_seq'::regclass),
        event.id,
        event.category,
        event.stream_id,
        coalesce(_before[event.write], 0) + event.number,
        event.name,
        event.schema_version,
        event.payload::json,
        event.correlation_id,
        event.causation_id,
        event.command_id,
        event.command_name,
        event.command_events,
        coalesce(_times[event.write], write_recorded_times[event.write]),
        event.occurred_at,
        event.metadata::json
    FROM unnest(
        event_writes,
        event_numbers,
        event_categories,
        event_stream_ids,
        event_command_ids,
        event_command_names,
        event_command_events,
        event_correlation_ids,
        event_causation_ids,
        event_metadata_texts,
        event_ids,
        event_names,
        event_schema_versions,
        event_payloads,
        event_occurred_times
    ) AS event (
        write,
        number,
        category,
        stream_id,
        command_id,
        command_name,
        command_events,
        correlation_id,
        causation_id,
        metadata,
        id,
        name,
        schema_version,
        payload,
        occurred_at
    )
    WHERE CASE
        WHEN event.write > known_streams THEN _new > 0
        ELSE _before[event.write] IS NOT NULL
    END
    RETURNING events.event_id, events.version, events.position;
END
$function$;

REVOKE ALL ON FUNCTION {schema}.append_plain_events FROM PUBLIC;

-- Appends a batch in one call: each member as a whole or not at all, in order of arrival.
--
-- Streams are named once each and referred to by their number, from 1; so are members, and the writes
-- of all members in their order. An expected version is -1 for any, 0 for none. A write that repeats an
-- earlier one of the batch (the same command on the same stream) names it, others 0.
--
-- One row for each write comes back. Its outcome: 0 appended; 1 the command was stored before; 2 a
-- conflict, with the version that the stream has; 3 the command's id belongs to another command, with
-- that one's name; NULL where another write of the member has decided.
--
-- One statement a step, since under READ COMMITTED each one sees what is committed by then. The plans
-- are pinned to the indexes: one made while the tables were empty would outlive that.
CREATE FUNCTION {schema}.append_events(
    stream_categories text [],
    stream_ids text [],
    stream_may_be_new boolean [],
    command_ids uuid [],
    command_names text [],
    correlation_ids uuid [],
    causation_ids uuid [],
    recorded_times timestamptz [],
    metadata_texts text [],
    member_writes integer [],
    write_members integer [],
    write_streams integer [],
    write_expected bigint [],
    write_events bigint [],
    write_repeats integer [],
    event_writes integer [],
    event_numbers bigint [],
    event_ids uuid [],
    event_names text [],
    event_schema_versions bigint [],
    event_payloads text [],
    event_occurred_times timestamptz []
)
RETURNS TABLE (outcome smallint, version bigint, events bigint, last_position bigint, command_name text)
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
#variable_conflict use_column
DECLARE
    _streams CONSTANT integer := cardinality(stream_ids);
    _writes CONSTANT integer := cardinality(write_streams);
    _versions bigint [] := array_fill(0::bigint, ARRAY[_streams]);
    _times timestamptz [] := array_fill(NULL::timestamptz, ARRAY[_streams]);
    _changed boolean [] := array_fill(FALSE, ARRAY[_streams]);
    _outcomes smallint [] := array_fill(NULL::smallint, ARRAY[_writes]);
    _before bigint [] := array_fill(NULL::bigint, ARRAY[_writes]);
    _write_times timestamptz [] := array_fill(NULL::timestamptz, ARRAY[_writes]);
    _told_versions bigint [] := array_fill(NULL::bigint, ARRAY[_writes]);
    _told_events bigint [] := array_fill(NULL::bigint, ARRAY[_writes]);
    _told_positions bigint [] := array_fill(NULL::bigint, ARRAY[_writes]);
    _told_names text [] := array_fill(NULL::text, ARRAY[_writes]);
    -- How many events of the batch there are up to the end of the write.
    _ends integer [] := array_fill(NULL::integer, ARRAY[_writes]);
    _drawn bigint [];
    _accepted integer := 0;
    _first integer;
    _last integer := 0;
    _stream integer;
    _decision smallint;
    _row record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events are appended under READ COMMITTED'
            USING ERRCODE = 'active_sql_transaction';
    END IF;

    -- Rows of new streams, in sorted order: who makes the same one waits here, before it holds any lock
    -- that others wait for.
    IF TRUE = ANY(stream_may_be_new) THEN
        INSERT INTO {schema}.streams (category, stream_id)
        SELECT
            wanted.category,
            wanted.stream_id
        FROM unnest(stream_categories, stream_ids, stream_may_be_new) AS wanted (category, stream_id, may_be_new)
        WHERE wanted.may_be_new
        ORDER BY
            wanted.category COLLATE "C",
            wanted.stream_id COLLATE "C"
        ON CONFLICT (category, stream_id) DO NOTHING;
    END IF;

    -- The lock is taken on the row's newest version, which is the one that is answered.
    FOR _row IN
        SELECT
            wanted.ordinal,
            streams.version,
            streams.recorded_at
        FROM unnest(stream_categories, stream_ids) WITH ORDINALITY AS wanted (category, stream_id, ordinal)
        INNER JOIN {schema}.streams AS streams
            ON streams.category = wanted.category
            AND streams.stream_id = wanted.stream_id
        ORDER BY
            streams.category,
            streams.stream_id
        FOR NO KEY UPDATE OF streams
    LOOP
        _versions[_row.ordinal] := _row.version;
        _times[_row.ordinal] := _row.recorded_at;
    END LOOP;

    -- Commands that are stored. It must be a later statement than the one that waited for the locks.
    -- Each OFFSET 0 keeps a lookup by its own index: turned round, the join would read whole streams.
    FOR _row IN
        SELECT
            write.ordinal,
            first.command_name,
            first.command_events,
            last.version,
            last.position
        FROM unnest(write_members, write_streams) WITH ORDINALITY AS write (member, stream, ordinal)
        CROSS JOIN LATERAL (
            SELECT
                events.category,
                events.stream_id,
                events.version,
                events.command_name,
                events.command_events
            FROM {schema}.events AS events
            WHERE events.command_id = command_ids[write.member]
                AND events.command_name IS NOT NULL
            OFFSET 0
        ) AS first
        CROSS JOIN LATERAL (
            SELECT
                events.version,
                events.position
            FROM {schema}.events AS events
            WHERE events.category = first.category
                AND events.stream_id = first.stream_id
                AND events.version = first.version + first.command_events - 1
            OFFSET 0
        ) AS last
        WHERE first.category = stream_categories[write.stream]
            AND first.stream_id = stream_ids[write.stream]
    LOOP
        _told_names[_row.ordinal] := _row.command_name;
        _told_events[_row.ordinal] := _row.command_events;
        _told_versions[_row.ordinal] := _row.version;
        _told_positions[_row.ordinal] := _row.position;
    END LOOP;

    FOR _member IN 1 .. cardinality(command_ids) LOOP
        _first := _last + 1;
        _last := _last + member_writes[_member];
        _decision := 0;

        FOR _write IN _first .. _last LOOP
            IF _told_names[_write] IS NULL AND write_repeats[_write] > 0 THEN
                _told_names[_write] := _told_names[write_repeats[_write]];
                _told_events[_write] := _told_events[write_repeats[_write]];
                _told_versions[_write] := _told_versions[write_repeats[_write]];
                _told_positions[_write] := _told_positions[write_repeats[_write]];
                _ends[_write] := _ends[write_repeats[_write]];
            END IF;
            CONTINUE WHEN _told_names[_write] IS NULL;
            IF _told_names[_write] <> command_names[_member] THEN
                _decision := 3;
                _outcomes[_write] := 3;
                EXIT;
            END IF;
            _decision := 1;
            _outcomes[_write] := 1;
        END LOOP;
        CONTINUE WHEN _decision > 0;

        FOR _write IN _first .. _last LOOP
            _stream := write_streams[_write];
            IF write_expected[_write] >= 0 AND write_expected[_write] <> _versions[_stream] THEN
                _decision := 2;
                _outcomes[_write] := 2;
                _told_versions[_write] := _versions[_stream];
                EXIT;
            END IF;
        END LOOP;
        CONTINUE WHEN _decision > 0;

        FOR _write IN _first .. _last LOOP
            _stream := write_streams[_write];
            _before[_write] := _versions[_stream];
            _versions[_stream] := _versions[_stream] + write_events[_write];
            _times[_stream] := greatest(_times[_stream], recorded_times[_member]);
            _write_times[_write] := _times[_stream];
            _changed[_stream] := TRUE;
            _accepted := _accepted + write_events[_write];
            _ends[_write] := _accepted;
            _outcomes[_write] := 0;
            _told_names[_write] := command_names[_member];
            _told_events[_write] := write_events[_write];
            _told_versions[_write] := _versions[_stream];
        END LOOP;
    END LOOP;

    IF _accepted > 0 THEN
        -- Every position that is drawn from here on is above the value that is locked. The reader stays
        -- at or below the smallest one that is locked, until the lock goes with the transaction.
        PERFORM pg_advisory_xact_lock_shared(
            '{schema}.events_position_seq'::regclass::oid::bigint::bit(32)::integer,
            coalesce(pg_sequence_last_value('{schema}.events_position_seq'::regclass), 0)::bit(32)::integer
        );

        _drawn := ARRAY(
            SELECT nextval('{schema}.events_position_seq'::regclass)
            FROM generate_series(1, _accepted)
        );

        INSERT INTO {schema}.events (
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
            _drawn[_ends[event.write] - write_events[event.write] + event.number],
            event.id,
            stream_categories[write_streams[event.write]],
            stream_ids[write_streams[event.write]],
            _before[event.write] + event.number,
            event.name,
            event.schema_version,
            event.payload::json,
            correlation_ids[write_members[event.write]],
            causation_ids[write_members[event.write]],
            command_ids[write_members[event.write]],
            CASE event.number WHEN 1 THEN command_names[write_members[event.write]] END,
            CASE event.number WHEN 1 THEN write_events[event.write] END,
            _write_times[event.write],
            event.occurred_at,
            metadata_texts[write_members[event.write]]::json
        FROM unnest(
            event_writes,
            event_numbers,
            event_ids,
            event_names,
            event_schema_versions,
            event_payloads,
            event_occurred_times
        ) AS event (write, number, id, name, schema_version, payload, occurred_at)
        WHERE _outcomes[event.write] = 0;

        UPDATE {schema}.streams AS streams
        SET
            version = changed.version,
            recorded_at = changed.recorded_at
        FROM unnest(stream_categories, stream_ids, _versions, _times, _changed)
            AS changed (category, stream_id, version, recorded_at, is_changed)
        WHERE streams.category = changed.category
            AND streams.stream_id = changed.stream_id
            AND changed.is_changed;

        FOR _write IN 1 .. _writes LOOP
            IF _ends[_write] IS NOT NULL THEN
                _told_positions[_write] := _drawn[_ends[_write]];
            END IF;
        END LOOP;
    END IF;

    RETURN QUERY
    SELECT
        told.outcome,
        told.version,
        told.events,
        told.last_position,
        told.command_name
    FROM unnest(_outcomes, _told_versions, _told_events, _told_positions, _told_names)
        AS told (outcome, version, events, last_position, command_name);
END
$function$;

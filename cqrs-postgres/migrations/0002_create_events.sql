-- Cache 1, increment 1 and no cycle are what the order of the log rests on.
CREATE SEQUENCE {schema}.events_position_seq AS bigint INCREMENT BY 1 START WITH 1 CACHE 1 NO CYCLE;

-- The log. An event without occurred_at happened when it was recorded. The first event of a command
-- in a stream has the command's name and how many events it has there: by it a command that is
-- sent again is recognised. The payload is json, which keeps its text to the byte.
CREATE TABLE {schema}.events (
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    category text COLLATE "C" NOT NULL,
    stream_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    schema_version bigint NOT NULL,
    payload json NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id uuid,
    command_id uuid NOT NULL,
    command_name text COLLATE "C",
    command_events bigint,
    recorded_at timestamptz NOT NULL,
    occurred_at timestamptz,
    metadata json,
    CONSTRAINT pk_events PRIMARY KEY (position),
    CONSTRAINT uq_events_stream_version UNIQUE (category, stream_id, version)
);

CREATE UNIQUE INDEX uq_events_command
ON {schema}.events (command_id, category, stream_id)
WHERE command_name IS NOT NULL;

ALTER SEQUENCE {schema}.events_position_seq OWNED BY {schema}.events.position;

-- The log. An event without occurred_at happened when it was recorded. The first event of a command
-- in a stream has the command's name and how many events of it follow each other there, itself
-- included: by it a command that is sent again is recognised.
CREATE TABLE cqrs_events (
    position INTEGER PRIMARY KEY,
    event_id BLOB NOT NULL,
    category TEXT NOT NULL,
    stream_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    payload TEXT NOT NULL,
    correlation_id BLOB NOT NULL,
    causation_id BLOB,
    command_id BLOB NOT NULL,
    command_name TEXT,
    command_events INTEGER,
    recorded_at INTEGER NOT NULL,
    occurred_at INTEGER,
    metadata TEXT,
    CONSTRAINT uq_cqrs_events_stream_version UNIQUE (category, stream_id, version)
) STRICT;

CREATE UNIQUE INDEX uq_cqrs_events_command
ON cqrs_events (command_id, category, stream_id)
WHERE command_name IS NOT NULL;

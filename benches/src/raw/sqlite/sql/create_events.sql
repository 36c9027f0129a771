-- The log and its one unique index.
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    event_id BLOB NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    correlation_id BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    UNIQUE (stream, version)
) STRICT;

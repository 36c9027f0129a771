-- What each command appended to each stream: by it a command that is sent again is recognised.
CREATE TABLE cqrs_commands (
    command_id BLOB NOT NULL,
    category TEXT NOT NULL,
    stream_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    events INTEGER NOT NULL,
    CONSTRAINT pk_cqrs_commands PRIMARY KEY (command_id, category, stream_id)
) STRICT, WITHOUT ROWID;

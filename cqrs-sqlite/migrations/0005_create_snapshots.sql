-- The newest kept state of each stream; the events hold it all, so a row may be missing or deleted.
CREATE TABLE cqrs_snapshots (
    category TEXT NOT NULL,
    stream_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    CONSTRAINT pk_cqrs_snapshots PRIMARY KEY (category, stream_id)
) STRICT, WITHOUT ROWID;

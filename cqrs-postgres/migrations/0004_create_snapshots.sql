-- The newest kept state of each stream; the events hold it all, so a row may be missing or deleted.
CREATE TABLE {schema}.snapshots (
    category text COLLATE "C" NOT NULL,
    stream_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    state text NOT NULL,
    CONSTRAINT pk_snapshots PRIMARY KEY (category, stream_id)
);

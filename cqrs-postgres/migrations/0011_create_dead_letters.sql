-- Events that wait for a key of a view, in order: one that failed, and what came after it.
CREATE TABLE {schema}.held_events (
    view text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    held_key text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT pk_held_events PRIMARY KEY (view, fingerprint, partition, held_key, position)
);

-- Events that a view could not take, and why. A discarded one says for what reason.
CREATE TABLE {schema}.dead_letters (
    view text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    held_key text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    stream_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    reason text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL,
    discarded text COLLATE "C",
    CONSTRAINT pk_dead_letters PRIMARY KEY (view, fingerprint, partition, position, held_key)
);

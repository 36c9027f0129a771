-- Events that wait for a key of a view, in order: one that failed, and what came after it.
CREATE TABLE cqrs_held_events (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    held_key TEXT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT pk_cqrs_held_events PRIMARY KEY (view, fingerprint, held_key, position)
) STRICT, WITHOUT ROWID;

-- Events that a view could not take, and why. A discarded one says for what reason.
CREATE TABLE cqrs_dead_letters (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    position INTEGER NOT NULL,
    held_key TEXT NOT NULL,
    category TEXT NOT NULL,
    stream_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    event_id BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    discarded TEXT,
    CONSTRAINT pk_cqrs_dead_letters PRIMARY KEY (view, fingerprint, position, held_key)
) STRICT, WITHOUT ROWID;

-- What shall become of dead letters, and what did; the view's worker carries it out.
CREATE TABLE cqrs_letter_requests (
    number INTEGER PRIMARY KEY,
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    request_id BLOB NOT NULL,
    letter_order TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    outcome TEXT,
    CONSTRAINT uq_cqrs_letter_requests_request_id UNIQUE (request_id)
) STRICT;

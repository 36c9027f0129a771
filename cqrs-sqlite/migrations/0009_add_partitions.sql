-- A view may be split by key: each partition has a lease, a checkpoint and dead letters of its own.
-- No table is renamed, since that would fail where an SQL view of somebody's own shows a dropped one.
CREATE TABLE cqrs_checkpoints_before AS SELECT * FROM cqrs_checkpoints;

DROP TABLE cqrs_checkpoints;

CREATE TABLE cqrs_checkpoints (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    partition INTEGER NOT NULL,
    log_id BLOB,
    position INTEGER NOT NULL,
    event_position INTEGER,
    event_id BLOB,
    epoch INTEGER NOT NULL,
    holder BLOB,
    leased_until INTEGER,
    shape TEXT,
    answers INTEGER NOT NULL DEFAULT 1,
    events TEXT NOT NULL DEFAULT '[]',
    added TEXT NOT NULL DEFAULT '[]',
    CONSTRAINT pk_cqrs_checkpoints PRIMARY KEY (view, fingerprint, partition)
) STRICT, WITHOUT ROWID;

INSERT INTO cqrs_checkpoints (
    view, fingerprint, partition, log_id, position, event_position, event_id, epoch, holder, leased_until,
    shape, answers, events, added
)
SELECT
    view, fingerprint, 0, log_id, position, event_position, event_id, epoch, holder, leased_until,
    shape, answers, events, added
FROM cqrs_checkpoints_before;

DROP TABLE cqrs_checkpoints_before;

CREATE TABLE cqrs_held_events_before AS SELECT * FROM cqrs_held_events;

DROP TABLE cqrs_held_events;

CREATE TABLE cqrs_held_events (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    partition INTEGER NOT NULL,
    held_key TEXT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT pk_cqrs_held_events PRIMARY KEY (view, fingerprint, partition, held_key, position)
) STRICT, WITHOUT ROWID;

INSERT INTO cqrs_held_events (view, fingerprint, partition, held_key, position)
SELECT view, fingerprint, 0, held_key, position
FROM cqrs_held_events_before;

DROP TABLE cqrs_held_events_before;

CREATE TABLE cqrs_dead_letters_before AS SELECT * FROM cqrs_dead_letters;

DROP TABLE cqrs_dead_letters;

CREATE TABLE cqrs_dead_letters (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    partition INTEGER NOT NULL,
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
    CONSTRAINT pk_cqrs_dead_letters PRIMARY KEY (view, fingerprint, partition, position, held_key)
) STRICT, WITHOUT ROWID;

INSERT INTO cqrs_dead_letters (
    view, fingerprint, partition, position, held_key, category, stream_id, version, name, event_id,
    recorded_at, reason, attempts, discarded
)
SELECT
    view, fingerprint, 0, position, held_key, category, stream_id, version, name, event_id,
    recorded_at, reason, attempts, discarded
FROM cqrs_dead_letters_before;

DROP TABLE cqrs_dead_letters_before;

ALTER TABLE cqrs_letter_requests ADD COLUMN partition INTEGER NOT NULL DEFAULT 0;

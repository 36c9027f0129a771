-- How far each view has followed which log, and who may move it on until when.
CREATE TABLE cqrs_checkpoints (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    log_id BLOB,
    position INTEGER NOT NULL,
    event_position INTEGER,
    event_id BLOB,
    epoch INTEGER NOT NULL,
    holder BLOB,
    leased_until INTEGER,
    CONSTRAINT pk_cqrs_checkpoints PRIMARY KEY (view, fingerprint)
) STRICT, WITHOUT ROWID;

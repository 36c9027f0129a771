-- How far each view has followed which log, and who may move it on until when. Without a holder,
-- leased_until says when the table was last used. A view may be split by key: each partition has a row.
--
-- shape: the columns and the key as a number; tables with the same one can answer each other's queries.
-- answers: whether the table has caught up once, so that it answers for its own schema.
-- events: the stored names that whoever feeds the table must follow. added: those among them of which
-- the log may have events at or before the checkpoint that the table has passed by.
--
-- A page is filled to a half only, so that the new version of a row has room beside the old one.
CREATE TABLE {schema}.checkpoints (
    view text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    shape text COLLATE "C",
    log_id uuid,
    position bigint NOT NULL DEFAULT 0,
    event_position bigint,
    event_id uuid,
    epoch bigint NOT NULL DEFAULT 0,
    holder uuid,
    leased_until timestamptz NOT NULL,
    answers boolean NOT NULL,
    events text [] COLLATE "C" NOT NULL DEFAULT '{}',
    added text [] COLLATE "C" NOT NULL DEFAULT '{}',
    CONSTRAINT pk_checkpoints PRIMARY KEY (view, fingerprint, partition)
)
WITH (fillfactor = 50);

-- Nodes that would take a lease of a view and hold none, each until it has to say so again. Those that hold
-- one are known by it. events: the stored names that the node follows, a list in JSON.
CREATE TABLE cqrs_standbys (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    node BLOB NOT NULL,
    stands_by_until INTEGER NOT NULL,
    events TEXT NOT NULL,
    CONSTRAINT pk_cqrs_standbys PRIMARY KEY (view, fingerprint, node)
) STRICT, WITHOUT ROWID;

-- Nodes that would take a lease of a view and hold none, each until it has to say so again. Those that hold
-- one are known by it. events: the stored names that the node follows.
CREATE TABLE {schema}.standbys (
    view text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    node uuid NOT NULL,
    stands_by_until timestamptz NOT NULL,
    events text [] COLLATE "C" NOT NULL,
    CONSTRAINT pk_standbys PRIMARY KEY (view, fingerprint, node)
);

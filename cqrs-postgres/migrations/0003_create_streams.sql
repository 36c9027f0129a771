-- A row for each stream, which an append locks: where it ends, and when that was. A page is filled to a
-- half only, so that the new version of a row has room beside the old one and no index changes.
CREATE TABLE {schema}.streams (
    category text COLLATE "C" NOT NULL,
    stream_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    recorded_at timestamptz,
    CONSTRAINT pk_streams PRIMARY KEY (category, stream_id)
)
WITH (fillfactor = 50);

-- The log's identity: one row, made with the schema.
CREATE TABLE {schema}.log (
    id uuid NOT NULL
);

CREATE UNIQUE INDEX uq_log_single ON {schema}.log ((TRUE));

INSERT INTO {schema}.log (id)
VALUES (gen_random_uuid());

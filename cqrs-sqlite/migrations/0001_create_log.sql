-- The log's identity: one row, made with the file.
CREATE TABLE cqrs_log (
    id BLOB NOT NULL
) STRICT;

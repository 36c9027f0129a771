-- The numbers of the migrations that this file has seen.
CREATE TABLE IF NOT EXISTS cqrs_migrations (
    number INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL
) STRICT;

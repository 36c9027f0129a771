-- $1 schema: one node at a time brings it up to date
SELECT pg_advisory_xact_lock(hashtextextended('cqrs migrations of ' || $1, 0));

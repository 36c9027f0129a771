-- $1 schema, $2 view: one node at a time changes what tables a view has
SELECT pg_advisory_xact_lock(hashtextextended('cqrs view ' || $1 || '.' || $2, 0));

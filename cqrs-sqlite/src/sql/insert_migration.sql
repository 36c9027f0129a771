-- ?1 number, ?2 applied at (microseconds)
INSERT INTO cqrs_migrations (number, applied_at)
VALUES (?1, ?2);

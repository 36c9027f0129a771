-- ?1 view, ?2 now (microseconds)
--
-- Nodes that were never heard of again.
DELETE FROM cqrs_standbys
WHERE view = ?1
    AND stands_by_until <= ?2;

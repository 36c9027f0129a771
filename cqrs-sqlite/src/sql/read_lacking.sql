-- ?1 view, ?2 fingerprint, ?3 partition, ?4 the names that are followed (JSON): those that are not, of the table's
SELECT value
FROM cqrs_checkpoints
CROSS JOIN json_each(events)
WHERE view = ?1
    AND fingerprint = ?2
    AND partition = ?3
    AND value NOT IN (SELECT value FROM json_each(?4))
ORDER BY value;

-- ?1 view, ?2 fingerprint, ?3 names (JSON), ?4 now (microseconds)
--
-- Where a name is new, whoever feeds the table without it is fenced.
UPDATE cqrs_checkpoints AS own
SET
    events = (
        SELECT json_group_array(name)
        FROM (
            SELECT value AS name FROM json_each(own.events)
            UNION
            SELECT value FROM json_each(?3)
        )
    ),
    added = (
        SELECT json_group_array(name)
        FROM (
            SELECT value AS name FROM json_each(own.added)
            UNION
            SELECT value FROM json_each(?3)
            WHERE value NOT IN (SELECT value FROM json_each(own.events))
        )
    ),
    epoch = epoch + 1,
    holder = NULL,
    leased_until = ?4
WHERE view = ?1
    AND fingerprint = ?2
    AND EXISTS (
        SELECT 1
        FROM json_each(?3)
        WHERE value NOT IN (SELECT value FROM json_each(own.events))
    );

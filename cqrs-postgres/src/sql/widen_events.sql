-- $1 view, $2 fingerprint, $3 names
--
-- Where a name is new, whoever feeds the table without it is fenced.
UPDATE {schema}.checkpoints AS own
SET
    events = ARRAY(
        SELECT unnest(own.events) AS name
        UNION
        SELECT unnest($3::text [])
        ORDER BY name
    ),
    added = ARRAY(
        SELECT unnest(own.added) AS name
        UNION
        SELECT wanted.name
        FROM unnest($3::text []) AS wanted (name)
        WHERE wanted.name <> ALL(own.events)
        ORDER BY name
    ),
    epoch = own.epoch + 1,
    holder = NULL,
    leased_until = clock_timestamp()
WHERE own.view = $1
    AND own.fingerprint = $2
    AND NOT $3::text [] <@ own.events;

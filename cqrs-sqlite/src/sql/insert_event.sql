-- One row as in insert_events.sql, with the same parameters. A row that is selected would pass
-- through a table in memory, since the SELECT reads the table that the INSERT writes.
INSERT INTO cqrs_events (
    event_id,
    category,
    stream_id,
    version,
    name,
    schema_version,
    payload,
    correlation_id,
    causation_id,
    command_id,
    recorded_at,
    occurred_at,
    metadata,
    command_name,
    command_events
)
VALUES (
    ?1,
    ?2,
    ?3,
    ?4,
    ?5,
    ?6,
    ?7,
    ?8,
    ?9,
    ?10,
    CASE
        WHEN ?12 = 0 THEN ?11
        ELSE (
            SELECT max(recorded_at, ?11)
            FROM cqrs_events
            WHERE category = ?2
                AND stream_id = ?3
                AND version = ?12
        )
    END,
    ?13,
    ?14,
    ?15,
    ?16
);

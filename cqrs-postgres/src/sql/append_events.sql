-- As in the migration that creates the function: $1 to $3 streams, $4 to $10 members, $11 to $15 writes,
-- $16 to $22 events
SELECT
    outcome,
    version,
    events,
    last_position,
    command_name
FROM {schema}.append_events(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22
);

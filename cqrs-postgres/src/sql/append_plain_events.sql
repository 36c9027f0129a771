-- As in the migration that creates the function: $1 and $2 how many streams, $3 to $7 writes, $8 to $22 events
SELECT
    appended_id,
    appended_version,
    appended_position
FROM {schema}.append_plain_events(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22
);

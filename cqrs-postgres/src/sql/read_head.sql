-- $1 the highest position that was final before, $2 and $3 position and id of the last event then, or NULL
SELECT
    log_id,
    head,
    last_position,
    last_event_id,
    is_rewound
FROM {schema}.read_head($1, $2, $3);

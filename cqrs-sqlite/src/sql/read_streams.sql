-- ?1 streams: JSON [[category, stream id], …], ?2 command ids: JSON [hex, …]
SELECT
    (
        SELECT json_group_array(json_array(
            wanted.key,
            (
                SELECT max(version)
                FROM cqrs_events
                WHERE category = wanted.value ->> 0
                    AND stream_id = wanted.value ->> 1
            )
        ))
        FROM json_each(?1) AS wanted
    ),
    (
        SELECT json_group_array(json_array(
            hex(command_id),
            category,
            stream_id,
            command_name,
            version + command_events - 1,
            position + command_events - 1,
            command_events
        ))
        FROM json_each(?2) AS wanted
        CROSS JOIN cqrs_events ON command_id = unhex(wanted.value)
            AND command_name IS NOT NULL
    );

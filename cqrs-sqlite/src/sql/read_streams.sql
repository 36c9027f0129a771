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
            name,
            version,
            position,
            events
        ))
        FROM json_each(?2) AS wanted
        CROSS JOIN cqrs_commands ON command_id = unhex(wanted.value)
    );

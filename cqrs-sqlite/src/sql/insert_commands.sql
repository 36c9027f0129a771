-- By row: command id, category, stream id, name, version, how many events of the transaction come
-- after the command's last one, events
INSERT INTO cqrs_commands (
    command_id,
    category,
    stream_id,
    name,
    version,
    position,
    events
)
VALUES (?, ?, ?, ?, ?, last_insert_rowid() - ?, ?);

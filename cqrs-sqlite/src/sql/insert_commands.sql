-- ?1 command id, ?2 category, ?3 stream id, ?4 name, ?5 version, ?6 how many events of the
-- transaction come after the command's last one, ?7 events
INSERT INTO cqrs_commands (
    command_id,
    category,
    stream_id,
    name,
    version,
    position,
    events
)
VALUES (?1, ?2, ?3, ?4, ?5, last_insert_rowid() - ?6, ?7);

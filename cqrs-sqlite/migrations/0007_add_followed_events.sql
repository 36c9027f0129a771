-- The stored names that whoever feeds the table must follow, and those among them of which the log may
-- have events at or before the checkpoint that the table has passed by. Both are lists in JSON.
ALTER TABLE cqrs_checkpoints ADD COLUMN events TEXT NOT NULL DEFAULT '[]';
ALTER TABLE cqrs_checkpoints ADD COLUMN added TEXT NOT NULL DEFAULT '[]';

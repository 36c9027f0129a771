-- The sequence of positions, and the largest one in the log: from a snapshot that is older than the look
-- at the sequence, so that an append meanwhile cannot make it look wrong.
SELECT
    sequence.seqcache,
    sequence.seqincrement,
    sequence.seqcycle,
    (SELECT coalesce(max(position), 0) FROM {schema}.events),
    coalesce(pg_sequence_last_value(sequence.seqrelid), 0)
FROM pg_catalog.pg_sequence AS sequence
WHERE sequence.seqrelid = '{schema}.events_position_seq'::regclass;

-- An index over many rows takes its time.
SET LOCAL statement_timeout = 0;

-- Nothing to wait for: who is not told polls.
BEGIN;
SET LOCAL synchronous_commit = off;
NOTIFY "{channel}", '{position}';
COMMIT;

-- A transaction with an id and an old snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ;
CREATE TEMPORARY TABLE unrelated ();

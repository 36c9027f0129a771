-- The mark, and the look at what others have committed, rest on the level.
BEGIN ISOLATION LEVEL READ COMMITTED;

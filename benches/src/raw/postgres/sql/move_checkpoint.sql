-- $1 from, $2 to
UPDATE checkpoints
SET position = $2
WHERE view = 'balances' AND position = $1;

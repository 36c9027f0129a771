-- ?1 changes: JSON [[account, owner, change of the balance], …]
--
-- An account is opened once and first, so the owner comes with the row and never changes.
INSERT INTO balances (account, owner, balance)
SELECT value ->> 0, value ->> 1, value ->> 2
FROM json_each(?1)
WHERE true
ON CONFLICT (account) DO UPDATE SET balance = balance + excluded.balance;

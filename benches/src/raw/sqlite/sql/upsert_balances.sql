-- ?1 changes: JSON [[account, owner or null, change of the balance], …]
INSERT INTO balances (account, owner, balance)
SELECT value ->> 0, coalesce(value ->> 1, ''), value ->> 2
FROM json_each(?1)
WHERE true
ON CONFLICT (account) DO UPDATE SET
    owner = CASE excluded.owner WHEN '' THEN owner ELSE excluded.owner END,
    balance = balance + excluded.balance;

-- $1 account
SELECT balance
FROM balances
WHERE account = $1;

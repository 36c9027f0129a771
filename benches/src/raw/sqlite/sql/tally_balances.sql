SELECT count(*), coalesce(sum(balance), 0)
FROM balances;

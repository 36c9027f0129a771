-- How many rows there are, and the sum of their balances.
SELECT
    count(*),
    coalesce(sum(balance), 0)::bigint
FROM balances;

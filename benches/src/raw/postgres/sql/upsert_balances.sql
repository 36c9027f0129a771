-- Lists: $1 accounts, $2 owners, $3 what each balance grows by
INSERT INTO balances AS kept (account, owner, balance)
SELECT
    change.account,
    change.owner,
    change.balance
FROM unnest($1::text [], $2::text [], $3::bigint []) AS change (account, owner, balance)
ON CONFLICT (account) DO UPDATE SET balance = kept.balance + excluded.balance;

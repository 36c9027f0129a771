-- $1 name of a view or a subscription, $2 the shape of a subscription: of which kind the name is, by
-- whether it is a subscription
SELECT coalesce(shape, '') = $2
FROM {schema}.checkpoints
WHERE view = $1
LIMIT 1;

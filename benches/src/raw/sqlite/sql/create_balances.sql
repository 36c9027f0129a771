-- The view, with the indexes that the projection declares.
CREATE TABLE balances (
    account TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    balance INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX balances_owner ON balances (owner);
CREATE INDEX balances_balance ON balances (balance);
CREATE TABLE checkpoints (
    view TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO checkpoints (view, position) VALUES ('balances', 0);

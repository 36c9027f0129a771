-- The view, with the indexes that the projection declares.
CREATE TABLE balances (
    account text COLLATE "C" PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    balance bigint NOT NULL
);
CREATE INDEX balances_owner ON balances (owner);
CREATE INDEX balances_balance ON balances (balance);
CREATE TABLE checkpoints (
    view text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
);
INSERT INTO checkpoints (view, position) VALUES ('balances', 0);

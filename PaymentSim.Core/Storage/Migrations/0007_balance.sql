-- The balance transaction of a charge that has one of its own row: its money came after it was made, or is available at once. Null at a captured
-- charge: the charge is its own transaction.
ALTER TABLE charges ADD COLUMN
    balance_transaction TEXT;

-- Every movement of money but those. amount and fee are negative where money leaves, and where a fee is given back.
CREATE TABLE balance_transactions (
    id           TEXT   NOT NULL,
    merchant_id  TEXT   NOT NULL,
    type         TEXT   NOT NULL,
    amount       BIGINT NOT NULL,
    fee          BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    description  TEXT,
    source       TEXT   NOT NULL,
    available_at BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Every movement of money but those of charges that were captured as they were made: each of these is its own.
-- amount and fee are negative where money leaves, and where a fee is given back.
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

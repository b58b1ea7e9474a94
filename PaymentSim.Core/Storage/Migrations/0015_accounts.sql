-- Connected accounts: each is a merchant of its own (its id is that merchant's); merchant_id is the merchant that made it.
CREATE TABLE accounts (
    id           TEXT    NOT NULL,
    merchant_id  TEXT    NOT NULL,
    details      TEXT    NOT NULL,
    metadata     TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

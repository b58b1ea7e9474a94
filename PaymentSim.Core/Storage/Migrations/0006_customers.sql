-- Payment methods, and cards that were saved as sources (card_...). The customer is null where it belongs to none.
CREATE TABLE payment_methods (
    id           TEXT    NOT NULL,
    merchant_id  TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    customer     TEXT,
    details      TEXT    NOT NULL,
    metadata     TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX payment_methods_customer ON payment_methods (merchant_id, customer, id);

-- A deleted customer's row stays, for its trace on the wire.
CREATE TABLE customers (
    id           TEXT    NOT NULL,
    merchant_id  TEXT    NOT NULL,
    email        TEXT,
    details      TEXT    NOT NULL,
    metadata     TEXT    NOT NULL,
    deleted      BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

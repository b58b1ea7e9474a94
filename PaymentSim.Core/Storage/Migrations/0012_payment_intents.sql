-- Payments over all their attempts. Each attempt is a charge with this id as its payment_intent; latest_charge is the newest.
CREATE TABLE payment_intents (
    id             TEXT    NOT NULL,
    merchant_id    TEXT    NOT NULL,
    amount         BIGINT  NOT NULL,
    currency       TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    customer       TEXT,
    payment_method TEXT,
    latest_charge  TEXT,
    details        TEXT    NOT NULL,
    metadata       TEXT    NOT NULL,
    created_at     BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX payment_intents_customer ON payment_intents (merchant_id, customer, id);

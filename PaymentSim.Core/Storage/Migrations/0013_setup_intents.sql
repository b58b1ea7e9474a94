-- Payment methods that are made ready to be charged later.
CREATE TABLE setup_intents (
    id             TEXT    NOT NULL,
    merchant_id    TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    customer       TEXT,
    payment_method TEXT,
    details        TEXT    NOT NULL,
    metadata       TEXT    NOT NULL,
    created_at     BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

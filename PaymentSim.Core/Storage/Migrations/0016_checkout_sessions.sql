-- Pages on which a merchant's customers pay.
CREATE TABLE checkout_sessions (
    id             TEXT    NOT NULL,
    merchant_id    TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    amount         BIGINT  NOT NULL,
    currency       TEXT    NOT NULL,
    customer       TEXT,
    payment_intent TEXT,
    details        TEXT    NOT NULL,
    metadata       TEXT    NOT NULL,
    expires_at     BIGINT  NOT NULL,
    created_at     BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX checkout_sessions_expiring ON checkout_sessions (expires_at) WHERE status = 'open';

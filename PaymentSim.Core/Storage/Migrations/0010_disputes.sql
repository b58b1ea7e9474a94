-- settles_at: when it is decided without the merchant.
CREATE TABLE disputes (
    id             TEXT   NOT NULL,
    merchant_id    TEXT   NOT NULL,
    charge         TEXT   NOT NULL,
    payment_intent TEXT,
    amount         BIGINT NOT NULL,
    currency       TEXT   NOT NULL,
    reason         TEXT   NOT NULL,
    status         TEXT   NOT NULL,
    metadata       TEXT   NOT NULL,
    details        TEXT   NOT NULL,
    settles_at     BIGINT,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX disputes_due ON disputes (settles_at) WHERE settles_at IS NOT NULL;

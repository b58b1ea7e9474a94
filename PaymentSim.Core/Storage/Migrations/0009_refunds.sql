-- settles_at: when the customer's bank answers.
CREATE TABLE refunds (
    id             TEXT   NOT NULL,
    merchant_id    TEXT   NOT NULL,
    charge         TEXT   NOT NULL,
    payment_intent TEXT,
    amount         BIGINT NOT NULL,
    currency       TEXT   NOT NULL,
    status         TEXT   NOT NULL,
    metadata       TEXT   NOT NULL,
    details        TEXT   NOT NULL,
    settles_at     BIGINT,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX refunds_charge ON refunds (merchant_id, charge, id);
CREATE INDEX refunds_due ON refunds (settles_at) WHERE settles_at IS NOT NULL;

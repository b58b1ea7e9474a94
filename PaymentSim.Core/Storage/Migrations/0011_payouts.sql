-- settles_at: when the bank has the money.
CREATE TABLE payouts (
    id             TEXT   NOT NULL,
    merchant_id    TEXT   NOT NULL,
    amount         BIGINT NOT NULL,
    currency       TEXT   NOT NULL,
    status         TEXT   NOT NULL,
    arrives_at     BIGINT NOT NULL,
    destination    TEXT   NOT NULL,
    metadata       TEXT   NOT NULL,
    details        TEXT   NOT NULL,
    settles_at     BIGINT,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX payouts_due ON payouts (settles_at) WHERE settles_at IS NOT NULL;

-- Cards and bank accounts that can be used once; card or bank_account holds what may be kept of one, as JSON. source_id is its own id.
CREATE TABLE tokens (
    id           TEXT    NOT NULL,
    merchant_id  TEXT    NOT NULL,
    source_id    TEXT    NOT NULL,
    card         TEXT,
    bank_account TEXT,
    used         BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

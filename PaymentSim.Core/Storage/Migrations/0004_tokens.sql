-- Cards that can be used once; card holds what may be kept of one, as JSON.
CREATE TABLE tokens (
    id           TEXT    NOT NULL,
    merchant_id  TEXT    NOT NULL,
    card_id      TEXT    NOT NULL,
    card         TEXT    NOT NULL,
    used         BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- What is to go wrong with an endpoint's webhooks, on purpose; null: nothing.
ALTER TABLE webhook_endpoints ADD COLUMN
    faults TEXT;

-- What went wrong with this attempt on purpose.
ALTER TABLE delivery_attempts ADD COLUMN
    fault TEXT;

-- How far an endpoint's plan of faults has got: deliveries counts those that were numbered since it was set, played the attempts with each fault.
CREATE TABLE webhook_faults (
    merchant_id TEXT   NOT NULL,
    endpoint_id TEXT   NOT NULL,
    plan        TEXT   NOT NULL,
    deliveries  BIGINT NOT NULL,
    played      TEXT   NOT NULL,
    PRIMARY KEY (merchant_id, endpoint_id)
);

-- Deliveries on which a plan plays something. One that waits is held back until a later one has overtaken it.
CREATE TABLE faulty_deliveries (
    delivery_id     TEXT    NOT NULL PRIMARY KEY,
    merchant_id     TEXT    NOT NULL,
    endpoint_id     TEXT    NOT NULL,
    plan            TEXT    NOT NULL,
    number          BIGINT  NOT NULL,
    attempts_before BIGINT  NOT NULL,
    held_until      BIGINT,
    waits           BOOLEAN NOT NULL
);
CREATE INDEX faulty_deliveries_endpoint ON faulty_deliveries (endpoint_id);

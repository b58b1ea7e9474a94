-- Merchants. Ids are time-ordered, so that keys that begin with a merchant's id grow at their end.
CREATE TABLE merchants (
    id           TEXT   NOT NULL PRIMARY KEY,
    name         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);

-- Only the hash of a key is kept.
CREATE TABLE api_keys (
    key_hash     TEXT   NOT NULL PRIMARY KEY,
    merchant_id  TEXT   NOT NULL,
    hint         TEXT   NOT NULL,
    origin       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);

CREATE TABLE charges (
    id              TEXT    NOT NULL,
    merchant_id     TEXT    NOT NULL,
    amount          BIGINT  NOT NULL,
    currency        TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    captured        BOOLEAN NOT NULL,
    amount_captured BIGINT  NOT NULL,
    amount_refunded BIGINT  NOT NULL,
    customer        TEXT,
    payment_intent  TEXT,
    transfer_group  TEXT,
    description     TEXT,
    metadata        TEXT    NOT NULL,
    details         TEXT    NOT NULL,
    settles_at      BIGINT,
    created_at      BIGINT  NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX charges_settling ON charges (settles_at) WHERE status = 'pending';

-- Where a merchant stands in a source of several outcomes ("tok_a|tok_b").
CREATE TABLE source_sequences (
    merchant_id  TEXT   NOT NULL,
    sequence     TEXT   NOT NULL,
    uses         BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, sequence)
);

-- payload is what receivers get, to the byte; object_id is the object that the event is about.
CREATE TABLE events (
    id              TEXT   NOT NULL,
    merchant_id     TEXT   NOT NULL,
    type            TEXT   NOT NULL,
    object_id       TEXT   NOT NULL,
    api_version     TEXT   NOT NULL,
    payload         TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

CREATE TABLE webhook_endpoints (
    id              TEXT   NOT NULL,
    merchant_id     TEXT   NOT NULL,
    url             TEXT   NOT NULL,
    enabled_events  TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    disabled_reason TEXT,
    api_version     TEXT   NOT NULL,
    pinned_version  BOOLEAN NOT NULL,
    description     TEXT,
    metadata        TEXT   NOT NULL,
    secret          TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- The outbox and the truth about every webhook. failures counts those of the current retry budget, attempts all that were made.
CREATE TABLE deliveries (
    id              TEXT   NOT NULL PRIMARY KEY,
    merchant_id     TEXT   NOT NULL,
    event_id        TEXT   NOT NULL,
    event_type      TEXT   NOT NULL,
    endpoint_id     TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    trigger_kind    TEXT   NOT NULL,
    attempts        BIGINT NOT NULL,
    failures        BIGINT NOT NULL,
    next_attempt_at BIGINT,
    claimed_until   BIGINT,
    last_error      TEXT,
    created_at      BIGINT NOT NULL,
    completed_at    BIGINT
);
CREATE INDEX deliveries_event ON deliveries (event_id);
CREATE INDEX deliveries_pending ON deliveries (id) WHERE status = 'pending';

CREATE TABLE delivery_attempts (
    delivery_id      TEXT   NOT NULL,
    number           BIGINT NOT NULL,
    trigger_kind     TEXT   NOT NULL,
    outcome          TEXT   NOT NULL,
    url              TEXT   NOT NULL,
    request_headers  TEXT,
    response_status  BIGINT,
    response_headers TEXT,
    response_body    TEXT,
    error_class      TEXT,
    error            TEXT,
    duration_ms      BIGINT,
    started_at       BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, number)
);

CREATE TABLE idempotency_keys (
    merchant_id     TEXT   NOT NULL,
    idempotency_key TEXT   NOT NULL,
    request_hash    TEXT   NOT NULL,
    request_id      TEXT,
    result          TEXT,
    problem         TEXT,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, idempotency_key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- One row that readiness checks write.
CREATE TABLE storage_checks (
    id         BIGINT NOT NULL PRIMARY KEY,
    checked_at BIGINT NOT NULL
);

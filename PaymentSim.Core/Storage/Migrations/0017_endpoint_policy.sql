-- What an endpoint asks for of its own (null: the simulator's settings), the secret that it had before the newest one, and since when nothing has
-- arrived there. Headers and secrets are sealed.
ALTER TABLE webhook_endpoints ADD COLUMN
    timeout_ms BIGINT;
ALTER TABLE webhook_endpoints ADD COLUMN
    retry_schedule TEXT;
ALTER TABLE webhook_endpoints ADD COLUMN
    rate_limit BIGINT;
ALTER TABLE webhook_endpoints ADD COLUMN
    headers TEXT;
ALTER TABLE webhook_endpoints ADD COLUMN
    ordered BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE webhook_endpoints ADD COLUMN
    previous_secret TEXT;
ALTER TABLE webhook_endpoints ADD COLUMN
    previous_secret_until BIGINT;
ALTER TABLE webhook_endpoints ADD COLUMN
    failing_since BIGINT;

-- What a delivery stands in line for, where its endpoint wants order: those that are pending without a time are held back by another one of this key.
ALTER TABLE deliveries ADD COLUMN
    order_key TEXT;
CREATE INDEX deliveries_in_order ON deliveries (endpoint_id, order_key, id) WHERE (status = 'pending') AND (order_key IS NOT NULL);

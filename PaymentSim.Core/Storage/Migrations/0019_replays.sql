-- While a replay is to be made or is under way: when the automatic schedule goes on if that fails.
ALTER TABLE deliveries ADD COLUMN automatic_at BIGINT;
-- What an endpoint did not take at once, to be recovered.
CREATE INDEX deliveries_failing ON deliveries (endpoint_id, id) WHERE failures > 0;
-- One row, once the simulator's time was moved: how far it is ahead of the real one, and where it stands still.
CREATE TABLE simulator_clock (
    id           BIGINT NOT NULL PRIMARY KEY,
    offset_ms    BIGINT NOT NULL,
    frozen_at    BIGINT
);

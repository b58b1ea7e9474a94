-- Deliveries that failed for good: few, and read by people. Those that arrive never touch it.
CREATE INDEX deliveries_failed ON deliveries (id, endpoint_id) WHERE status = 'failed';

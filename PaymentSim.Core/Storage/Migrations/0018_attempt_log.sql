-- request_body: only where it is not the event's payload. timings: JSON, milliseconds. next_attempt_at: as planned when the attempt was recorded.
ALTER TABLE delivery_attempts ADD COLUMN
    request_body TEXT;
ALTER TABLE delivery_attempts ADD COLUMN
    response_truncated BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE delivery_attempts ADD COLUMN
    timings TEXT;
ALTER TABLE delivery_attempts ADD COLUMN
    next_attempt_at BIGINT;

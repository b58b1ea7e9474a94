-- Under an idempotency key: the first answer with the fields that were to be expanded, where there were any.
ALTER TABLE idempotency_keys ADD COLUMN
    expanded TEXT;

-- As much as a payment needs and more, so that a readiness check does not pass where only a few bytes can still be written.
ALTER TABLE storage_checks ADD COLUMN
    ballast TEXT;

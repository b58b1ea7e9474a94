-- Counts every change of a merchant's endpoints: who remembers them can see whether they still hold.
ALTER TABLE merchants ADD COLUMN endpoints_version BIGINT NOT NULL DEFAULT 0;

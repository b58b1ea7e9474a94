-- Hangfire's jobs. The current state stands on the job's row, and with it its place on the dashboard's list of that state: list_order is
-- empty for states without a list. state_number is the current state's number in the job's history, states the last number given.
-- The long texts come last, so that lists and sweeps need not read past them.
CREATE TABLE jobs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at      BIGINT  NOT NULL,
    expire_at       BIGINT,
    state           TEXT,
    state_number    BIGINT  NOT NULL,
    states          BIGINT  NOT NULL,
    list_order      BIGINT,
    state_at        BIGINT,
    state_reason    TEXT,
    state_data      TEXT,
    queue           TEXT,
    type            TEXT,
    method          TEXT,
    parameter_types TEXT,
    parameters      TEXT    NOT NULL,
    arguments       TEXT
);
CREATE INDEX jobs_lists ON jobs (state, list_order) WHERE list_order IS NOT NULL;
CREATE INDEX jobs_expiring ON jobs (expire_at) WHERE expire_at IS NOT NULL;

-- The states that a job has left, and those that a filter refused.
CREATE TABLE job_states (
    job_id      BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    reason      TEXT,
    created_at  BIGINT NOT NULL,
    data        TEXT,
    PRIMARY KEY (job_id, number)
) WITHOUT ROWID;

-- One row for each time that a job was enqueued, until that is acknowledged: by its number, in the order of enqueueing.
CREATE TABLE job_queue (
    id          INTEGER PRIMARY KEY,
    queue       TEXT   NOT NULL,
    job_id      BIGINT NOT NULL
);

CREATE TABLE job_sets (
    key         TEXT   NOT NULL,
    value       TEXT   NOT NULL,
    score       REAL   NOT NULL,
    PRIMARY KEY (key, value)
) WITHOUT ROWID;
CREATE INDEX job_sets_scores ON job_sets (key, score, value);

CREATE TABLE job_hashes (
    key         TEXT   NOT NULL,
    field       TEXT   NOT NULL,
    value       TEXT,
    PRIMARY KEY (key, field)
) WITHOUT ROWID;

CREATE TABLE job_lists (
    key         TEXT   NOT NULL,
    position    BIGINT NOT NULL,
    value       TEXT,
    PRIMARY KEY (key, position)
) WITHOUT ROWID;

CREATE TABLE job_counters (
    key         TEXT   NOT NULL PRIMARY KEY,
    value       BIGINT NOT NULL,
    expire_at   BIGINT
) WITHOUT ROWID;

-- When a whole set, hash or list goes.
CREATE TABLE job_expirations (
    kind        TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    expire_at   BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;

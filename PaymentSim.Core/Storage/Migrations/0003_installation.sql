-- One row: by what the installation's key is recognised, so that no node runs with another one.
CREATE TABLE installation (
    id         BIGINT NOT NULL PRIMARY KEY,
    key_check  TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

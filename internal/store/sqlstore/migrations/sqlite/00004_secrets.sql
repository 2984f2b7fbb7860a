-- +goose Up
-- A connection has several secrets, each with versions of its own.
CREATE TABLE secrets_2 (
    owner   TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (owner, name, version)
) STRICT;
INSERT INTO secrets_2 SELECT owner, 'bearer_token', version, sealed FROM secrets;
DROP TABLE secrets;
ALTER TABLE secrets_2 RENAME TO secrets;

-- +goose Down
CREATE TABLE secrets_1 (
    owner   TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (owner, version)
) STRICT;
INSERT INTO secrets_1 SELECT owner, version, sealed FROM secrets WHERE name = 'bearer_token';
DROP TABLE secrets;
ALTER TABLE secrets_1 RENAME TO secrets;

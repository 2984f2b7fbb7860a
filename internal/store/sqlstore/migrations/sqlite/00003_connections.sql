-- +goose Up

-- What is known of the target behind a connection, under the endpoint it had: what connectors learned, and what it says about
-- itself. Empty texts: nothing yet.
CREATE TABLE connection_knowledge (
    connection_id TEXT NOT NULL,
    endpoint      TEXT NOT NULL,
    learned       TEXT NOT NULL DEFAULT '',
    facts         TEXT NOT NULL DEFAULT '',
    learned_at    INTEGER NOT NULL DEFAULT 0,
    described     TEXT NOT NULL DEFAULT '',
    described_at  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connection_id, endpoint)
) STRICT;

-- +goose Down
DROP TABLE connection_knowledge;

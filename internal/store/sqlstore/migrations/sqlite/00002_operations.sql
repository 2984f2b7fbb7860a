-- What operating a job asks of the store.

-- +goose Up
-- The log is filtered by what its records say, so that gets columns beside the body. The table is made anew because
-- narrow columns belong before a wide one.
CREATE TABLE provisioning_log_2 (
    job_id      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    change_id   TEXT NOT NULL,
    cycle_id    TEXT NOT NULL,
    action      TEXT NOT NULL,
    status      TEXT NOT NULL,
    object_type TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    source_name TEXT NOT NULL,
    error_code  TEXT NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (job_id, at, change_id)
) STRICT;
INSERT INTO provisioning_log_2
SELECT job_id, at, change_id, COALESCE(json_extract(body, '$.body.cycleId'), ''), COALESCE(json_extract(body, '$.body.provisioningAction'), ''),
       COALESCE(json_extract(body, '$.body.status'), ''), COALESCE(json_extract(body, '$.body.objectType'), ''),
       COALESCE(json_extract(body, '$.body.sourceId'), ''), COALESCE(json_extract(body, '$.body.sourceName'), ''),
       COALESCE(json_extract(body, '$.body.errorCode'), ''), body
FROM provisioning_log;
DROP TABLE provisioning_log;
ALTER TABLE provisioning_log_2 RENAME TO provisioning_log;
-- Every index holds the whole order: otherwise SQLite prefers to walk through the log in order, without the index.
CREATE INDEX log_change ON provisioning_log (job_id, change_id, at);
CREATE INDEX log_cycle ON provisioning_log (job_id, cycle_id, at, change_id);
CREATE INDEX log_source_id ON provisioning_log (job_id, source_id, at, change_id);
CREATE INDEX log_source_name ON provisioning_log (job_id, source_name, at, change_id);
-- Nearly every record is a create or update of a user that succeeded. Whoever filters looks for the others: a query for them has
-- the same condition, word for word, so that its index is used.
CREATE INDEX log_code ON provisioning_log (job_id, error_code, at, change_id) WHERE error_code <> '';
CREATE INDEX log_trouble ON provisioning_log (job_id, at, change_id) WHERE status <> 'success';
CREATE INDEX log_removal ON provisioning_log (job_id, at, change_id) WHERE action NOT IN ('create', 'update');
CREATE INDEX log_group ON provisioning_log (job_id, at, change_id) WHERE object_type <> 'user';

-- What people decided about a staged deprovisioning, and when it is due.
ALTER TABLE staged ADD COLUMN decision TEXT NOT NULL DEFAULT '';
ALTER TABLE staged ADD COLUMN decided_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staged ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staged ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;

-- Accounts that are not as they were last written. A check replaces all rows of the rounds before.
CREATE TABLE drift_checks (
    job_id   TEXT NOT NULL PRIMARY KEY,
    round    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    compared INTEGER NOT NULL,
    problem  TEXT NOT NULL
) STRICT;
CREATE TABLE drift (
    job_id        TEXT NOT NULL,
    object_type   TEXT NOT NULL,
    source_anchor TEXT NOT NULL,
    round         INTEGER NOT NULL,
    target_anchor TEXT NOT NULL,
    name          TEXT NOT NULL,
    managed       INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    since         INTEGER NOT NULL,
    attributes    TEXT NOT NULL,
    PRIMARY KEY (job_id, object_type, source_anchor)
) STRICT;

-- +goose Down
DROP TABLE drift;
DROP TABLE drift_checks;
ALTER TABLE staged DROP COLUMN due_at;
ALTER TABLE staged DROP COLUMN expires_at;
ALTER TABLE staged DROP COLUMN decided_at;
ALTER TABLE staged DROP COLUMN decision;
CREATE TABLE provisioning_log_1 (
    job_id    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    change_id TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (job_id, at, change_id)
) STRICT;
INSERT INTO provisioning_log_1 SELECT job_id, at, change_id, body FROM provisioning_log;
DROP TABLE provisioning_log;
ALTER TABLE provisioning_log_1 RENAME TO provisioning_log;

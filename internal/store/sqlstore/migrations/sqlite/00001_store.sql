-- The schema for SQLite. Queries are shared with other databases, so a column here has a counterpart there:
-- TEXT compares byte by byte (the default, BINARY), INTEGER holds 64 bits, times are milliseconds UTC (0: none),
-- yes/no is 1/0. Tables with a wide row keep the row apart from their keys; tables that are all key do not.

-- +goose Up
-- Two processes that migrate at once must not both apply a version.
CREATE UNIQUE INDEX goose_db_version_once ON goose_db_version (version_id);

CREATE TABLE drafts (
    kind TEXT NOT NULL,
    id   TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;

CREATE TABLE secrets (
    owner   TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (owner, version)
) STRICT;

CREATE TABLE jobs (
    job_id      TEXT NOT NULL PRIMARY KEY,
    generation  INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    copy_id     TEXT NOT NULL,
    watermark   INTEGER NOT NULL,
    initialised INTEGER NOT NULL,
    quarantine  TEXT NOT NULL,
    last_cycle  TEXT NOT NULL,
    running     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE generations (
    job_id       TEXT NOT NULL,
    generation   INTEGER NOT NULL,
    digest       TEXT NOT NULL,
    definition   TEXT NOT NULL,
    committed_at INTEGER NOT NULL,
    PRIMARY KEY (job_id, generation)
) STRICT;

-- A released lease keeps its row, with an empty owner, because its fence must go on growing.
CREATE TABLE leases (
    job_id     TEXT NOT NULL PRIMARY KEY,
    owner      TEXT NOT NULL,
    fence      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- position and numbers are the last ones given out.
CREATE TABLE copies (
    copy_id    TEXT NOT NULL PRIMARY KEY,
    source_key TEXT NOT NULL,
    watermark  TEXT NOT NULL,
    position   INTEGER NOT NULL,
    numbers    INTEGER NOT NULL,
    read_at    INTEGER NOT NULL
) STRICT;

-- number names an object inside its copy for good; grants is 1 when the members of a group count as its members.
CREATE TABLE source_objects (
    copy_id     TEXT NOT NULL,
    object_type TEXT NOT NULL,
    anchor      TEXT NOT NULL,
    number      INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    removed     TEXT NOT NULL,
    grants      INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (copy_id, object_type, anchor)
) STRICT;
CREATE INDEX source_objects_position ON source_objects (copy_id, object_type, position);

CREATE TABLE source_members (
    copy_id       TEXT NOT NULL,
    group_anchor  TEXT NOT NULL,
    member_anchor TEXT NOT NULL,
    PRIMARY KEY (copy_id, group_anchor, member_anchor)
) STRICT, WITHOUT ROWID;

-- The names of attributes and references that objects have or had.
CREATE TABLE source_attributes (
    copy_id     TEXT NOT NULL,
    object_type TEXT NOT NULL,
    name        TEXT NOT NULL,
    PRIMARY KEY (copy_id, object_type, name)
) STRICT;

CREATE TABLE links (
    job_id        TEXT NOT NULL,
    object_type   TEXT NOT NULL,
    source_anchor TEXT NOT NULL,
    target_anchor TEXT NOT NULL,
    match_key     TEXT NOT NULL,
    name          TEXT NOT NULL,
    managed       INTEGER NOT NULL,
    active        INTEGER NOT NULL,
    exported      TEXT NOT NULL,
    linked_at     INTEGER NOT NULL,
    PRIMARY KEY (job_id, object_type, source_anchor)
) STRICT;
CREATE INDEX links_match_key ON links (job_id, object_type, match_key);
CREATE INDEX links_target ON links (job_id, object_type, target_anchor);

CREATE TABLE pending_references (
    job_id        TEXT NOT NULL,
    object_type   TEXT NOT NULL,
    source_anchor TEXT NOT NULL,
    attribute     TEXT NOT NULL,
    wanted        TEXT NOT NULL,
    PRIMARY KEY (job_id, object_type, source_anchor, attribute)
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
    job_id        TEXT NOT NULL,
    group_anchor  TEXT NOT NULL,
    member_anchor TEXT NOT NULL,
    PRIMARY KEY (job_id, group_anchor, member_anchor)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_member ON memberships (job_id, member_anchor);

CREATE TABLE staged (
    job_id        TEXT NOT NULL,
    object_type   TEXT NOT NULL,
    source_anchor TEXT NOT NULL,
    action        TEXT NOT NULL,
    event         TEXT NOT NULL,
    reason        TEXT NOT NULL,
    held          INTEGER NOT NULL,
    cycle_id      TEXT NOT NULL,
    since         INTEGER NOT NULL,
    PRIMARY KEY (job_id, object_type, source_anchor)
) STRICT;

CREATE TABLE escrow (
    job_id        TEXT NOT NULL,
    object_type   TEXT NOT NULL,
    source_anchor TEXT NOT NULL,
    name          TEXT NOT NULL,
    code          TEXT NOT NULL,
    message       TEXT NOT NULL,
    attempts      INTEGER NOT NULL,
    first_failure INTEGER NOT NULL,
    next_attempt  INTEGER NOT NULL,
    PRIMARY KEY (job_id, object_type, source_anchor)
) STRICT;

CREATE TABLE provisioning_log (
    job_id    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    change_id TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (job_id, at, change_id)
) STRICT;

CREATE TABLE previews (
    job_id   TEXT NOT NULL,
    digest   TEXT NOT NULL,
    position TEXT NOT NULL,
    body     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (job_id, digest, position)
) STRICT;

CREATE TABLE target_accounts (
    job_id      TEXT NOT NULL,
    object_type TEXT NOT NULL,
    anchor      TEXT NOT NULL,
    match_keys  TEXT NOT NULL,
    attributes  TEXT NOT NULL,
    PRIMARY KEY (job_id, object_type, anchor)
) STRICT;

CREATE TABLE target_keys (
    job_id      TEXT NOT NULL,
    object_type TEXT NOT NULL,
    attribute   TEXT NOT NULL,
    match_key   TEXT NOT NULL,
    anchor      TEXT NOT NULL,
    PRIMARY KEY (job_id, object_type, attribute, match_key, anchor)
) STRICT, WITHOUT ROWID;
CREATE INDEX target_keys_anchor ON target_keys (job_id, object_type, anchor);

-- +goose Down
DROP TABLE target_keys;
DROP TABLE target_accounts;
DROP TABLE previews;
DROP TABLE provisioning_log;
DROP TABLE escrow;
DROP TABLE staged;
DROP TABLE memberships;
DROP TABLE pending_references;
DROP TABLE links;
DROP TABLE source_attributes;
DROP TABLE source_members;
DROP TABLE source_objects;
DROP TABLE copies;
DROP TABLE leases;
DROP TABLE generations;
DROP TABLE jobs;
DROP TABLE secrets;
DROP TABLE drafts;
DROP INDEX goose_db_version_once;

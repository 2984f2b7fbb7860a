-- +goose Up

-- Memberships that are not in the target as they were last written: added is 1 for one that is there and was never written. A check
-- replaces all rows of the rounds before.
CREATE TABLE member_drift (
    job_id        TEXT NOT NULL,
    group_anchor  TEXT NOT NULL,
    member_anchor TEXT NOT NULL,
    round         INTEGER NOT NULL,
    added         INTEGER NOT NULL,
    PRIMARY KEY (job_id, group_anchor, member_anchor)
) STRICT;

-- +goose Down
DROP TABLE member_drift;

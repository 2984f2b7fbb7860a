-- +goose Up

-- Every plan counts the managed accounts several times. Without their exported attributes, which fill the rows, that is one look at
-- an index.
CREATE INDEX links_managed ON links (job_id, object_type, managed);

-- +goose Down
DROP INDEX links_managed;

-- +goose Up

-- Objects are looked up by the values that people go by. The queries have the same expressions, word for word, so that the indexes
-- are used (names.go). What is gone has no body.
CREATE INDEX source_user_principal_name ON source_objects (copy_id, object_type, json_extract(body, '$.attributes.userPrincipalName') COLLATE NOCASE) WHERE removed <> 'hard';
CREATE INDEX source_mail ON source_objects (copy_id, object_type, json_extract(body, '$.attributes.mail') COLLATE NOCASE) WHERE removed <> 'hard';
CREATE INDEX source_mail_nickname ON source_objects (copy_id, object_type, json_extract(body, '$.attributes.mailNickname') COLLATE NOCASE) WHERE removed <> 'hard';
CREATE INDEX source_employee_id ON source_objects (copy_id, object_type, json_extract(body, '$.attributes.employeeId') COLLATE NOCASE) WHERE removed <> 'hard';
CREATE INDEX source_display_name ON source_objects (copy_id, object_type, json_extract(body, '$.attributes.displayName') COLLATE NOCASE) WHERE removed <> 'hard';

-- +goose Down
DROP INDEX source_display_name;
DROP INDEX source_employee_id;
DROP INDEX source_mail_nickname;
DROP INDEX source_mail;
DROP INDEX source_user_principal_name;

// Package file is the source that reads people and groups from a file: JSON in the shape of Microsoft
// Graph, or CSV.
//
// # JSON
//
// One object with the lists "users" and "groups", in either order; one of them may be missing. Every
// property becomes an attribute under its own name (objects become records, lists lists, numbers without
// a fraction integers), except
//
//	id              the anchor; required, unique in the whole file
//	manager         of a user: an id or {"id": …}; the relation "manager"
//	members         of a group: a list of ids or of {"id": …}; the relation "members"
//	@odata.…        annotations; ignored, but a nextLink is an error: the rest of the answer is missing
//
// A deletedDateTime that is not null marks a soft-deleted object and stays an attribute too. A manager or
// member that is not in the file is kept: exports are often cut by department.
//
// # CSV
//
// A header row, then one user a row; the delimiter (comma, semicolon or tab) is recognised from the header
// row. Columns are attributes by their exact header name; an empty cell is an absent attribute. The
// columns accountEnabled (true or false), deletedDateTime and manager mean what they mean in JSON. The id
// column is the anchor. The groups column holds names, separated by a semicolon: each distinct name becomes
// a security-enabled group whose id and displayName are that name. White space around header names, ids,
// managers and group names does not count.
//
// # What it promises
//
// A file is read as a stream; one page of people is held at a time, besides the ids seen and, for CSV, the
// memberships. Every change of the file delivers everything. Nothing is usable from a file with a bad
// record: the error names file, line and column (in characters) of the first one and how many more there are.
//
// It is not for judging content (who is in scope, whether a mail address is one), and does not watch the file.
//
// Its tests write their own files; the fuzz corpora are in testdata.
package file

// Package sqlstore implements package store on database/sql with one SQL text for every database. What differs
// between databases (opening, locking, error codes, the schema's column types) is in one file for each; today that
// is sqlite.go and migrations/sqlite.
//
// Queries use only what SQLite and PostgreSQL both understand: numbered placeholders, INSERT … ON CONFLICT,
// RETURNING, row values for keyset pages. Times are integers in milliseconds UTC, ids are text, documents are
// versioned JSON in text, yes and no are 1 and 0.
//
// An exported method opens the transaction; the unexported functions it calls take the transaction, so they can be
// put together and nobody opens a transaction inside another.
//
// It is not the place for decisions: which link is right, or when to write, is known by packages engine and cycle.
//
// Its tests run the suite of package storetest on files in a temporary directory.
package sqlstore

// Package scim is the SCIM 2.0 connector (RFC 7643, RFC 7644; scim-client.md).
//
// It speaks the protocol and decides nothing: which account is created, updated or deleted, and with which
// values, comes from the engine. What it owns is the wire: paths, filters, PATCH operations, paging, pacing,
// retries, and telling from an answer what happened. It is not a SCIM server and reads no /Schemas.
//
// How a target wants its requests written is data (Profile), never a branch on a product's name.
//
// A write whose answer was lost is never repeated here. It comes back as an error with OutcomeUnknown, and the
// engine matches again.
//
// Its tests are tables, recorded exchanges in testdata/exchange (rewritten with -update), hostile servers
// written by hand after real-targets.md, the contract suite (package connectortest), and fuzzers.
package scim

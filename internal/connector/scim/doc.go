// Package scim is the SCIM 2.0 connector (RFC 7643, RFC 7644; scim-client.md).
//
// It speaks the protocol and decides nothing: which account is created, updated or deleted, and with which
// values, comes from the engine. What it owns is the wire: paths, filters, PATCH operations, paging, pacing,
// retries, and telling from an answer what happened. It is not a SCIM server.
//
// How a target wants its requests written is data (Profile), never a branch on a product's name. What a target teaches is laid over
// it (dialect) and outlives the connector (Learned).
//
// What is written can harm, so what is tried on a target never can:
//
//   - A PATCH that is refused is tried in other forms of the same change (variations), and a form counts when the account shows
//     it. What is taken in no form is left out and named; an account that cannot be switched off is a failure.
//   - A new account that is refused is asked for again only while it is certain that none was made, and never without what tells it
//     from others (creating); what it was made without is written as an update.
//   - A new account's id is taken when the answer, or a look, says that it is the one that was sent (owner).
//   - Members are removed by value only after a trial on a throw-away group; a group is written whole only where the target tells
//     its members; an account is written whole with everything that was read of it.
//   - What a bulk request is answered counts by bulkId or place, never by order; what nothing is said about is unknown.
//   - There are never two writes of one resource at a time (locks).
//
// What is read decides whom the engine writes to, so that nothing a target says is believed alone:
//
//   - A list (pager, a state machine without effects) is asked for so that each page begins with the last resource of the one before.
//     Those that are in the list from the first request to the last, and keep their order, are then delivered once, whatever is
//     made or removed meanwhile; or an error says that the list cannot be relied on. Totals are evidence, never the reason to
//     stop. Two things no client can see: a target whose one page hides the rest and whose total agrees, and accounts that
//     change their place in the list while it is read.
//   - A hit of a search must hold the value (search.holds). Nobody is found only where somebody was found by the same attribute
//     before (client.prove), in another case too where case does not count; what comes of that is learned, and otherwise the list
//     is read, once for all who are looked for together (FindMany).
//   - An answer that is not UTF-8, or an error inside a success, is an error.
//   - An id is opaque, compared exactly, and never sent where it would lead elsewhere (travels). What answers under another id
//     than it was asked for, or says of itself that it is elsewhere and is not confirmed, is an error.
//   - Members that nobody asked for are dropped while an answer arrives (leanReader).
//
// It proves who is asking with a token, a password or a client certificate (auth.go, oauth.go, transport.go). Credentials go to
// the host of the base URL and to the token endpoint, and nowhere else; mask keeps them out of what others wrote. A token that is
// due is used while there is no other and it lives; an assertion is used once.
//
// A write whose answer was lost is never repeated here. It comes back as an error with OutcomeUnknown, and the
// engine matches again.
//
// Its tests are tables, recorded exchanges in testdata/exchange (rewritten with -update), hostile servers
// written by hand after real-targets.md, token endpoints, proxies and TLS servers with an authority of their own on loopback, the contract suite (package connectortest), and fuzzers.
package scim

// Package wikiapp is a small SCIM 2.0 application (RFC 7643, RFC 7644) with its own state: the target of `make demo` and
// of the tests in this repository that need a server which follows the letter of the standard.
//
// It is for being provisioned into: accounts and groups, filters, paging, PATCH, a readable log of what it was asked, and a
// page that shows the accounts. It is strict where a lenient server would hide a client's mistake: unknown attributes, a
// boolean sent as text, a capitalised "op" and a filtered path without a match are refused with the error RFC 7644 3.12
// names.
//
// It is not for production and not a model of any vendor's server: one process, one token, plain HTTP on loopback, state
// in memory (Save and Load keep it across restarts).
//
// Choices the standard leaves open: removing a value that is not there succeeds and changes nothing; members are users
// only; accounts are active unless they say otherwise; PATCH answers 200 with the resource for users and 204 for groups. An
// extension of the wiki's own adds topics and a newsletter to an account.
//
// Its tests need no data from outside: every case starts an App and sends requests to it; the fuzzers keep their corpus in
// testdata/fuzz.
package wikiapp

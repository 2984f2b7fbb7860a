// Package adversary is a small SCIM server that is right in everything but one thing: a Switch says what it gets wrong
// (scim-client.md 17, real-targets.md). Without a switch it follows RFC 7644 as far as provisioning needs it.
//
// It is written against the RFCs and knows nothing of the client. Its accounts are read with Dump, never through the code
// under test. The table of switches, and what must hold for each of them, is in switches.go and its neighbours; the tests
// live three cycles with every switch and write docs/scim-peculiarities.md (rewritten with -update).
package adversary

// Package adversary is a small SCIM server that is right in everything but one thing: a Switch says what it gets wrong
// (scim-client.md 17, real-targets.md). Without a switch it follows RFC 7644 as far as provisioning needs it.
//
// It is written against the RFCs and knows nothing of the client. Its accounts are read with Dump, never through the code
// under test. The table of switches, and what must hold for each of them, is in switches.go and its neighbours; the tests
// live three cycles with every switch and write docs/scim-peculiarities.md (rewritten with -update).
//
// A server may have several switches. Under the race detector each is provisioned in one way, with requests that overtake each other;
// `make test-cuts` tries each profile, alone and side by side, single requests and bulk, and pairs of switches, always the same;
// `make explore` tries every way, and pairs that nobody has seen. What a profile cannot reach is data of the row (Otherwise).
package adversary

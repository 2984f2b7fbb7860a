// Package pace keeps the requests to one target within a rate and a number at a time, and slows down when the
// target asks for it.
//
// It is a token bucket and a number of turns, with additive increase and multiplicative decrease on throttling
// (scim-client.md 14). It does not retry anything and knows no protocol: its callers tell it what was answered.
//
// Its tests run on the fake clock of testing/synctest.
package pace

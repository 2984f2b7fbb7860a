// Package scope decides who is in scope: scoping filters over source attributes, and the entitlement of one
// object (active, assigned, filters).
//
// It is pure: a filter is compiled once and evaluated over values that are passed in. It is not the place
// for what follows from being in or out of scope, which package engine decides, nor for finding out who is
// assigned, which a source does.
//
// Its tests are the table of mappings-and-scoping.md 13.5 and tables written by hand.
package scope

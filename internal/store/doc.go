// Package store is the contract of everything the engine remembers: drafts, committed generations, its own copy of
// the source objects, links, pending references, memberships, staged deprovisionings, escrow, the provisioning log
// and stored previews.
//
// It decides nothing. It keeps what it is given, in transactions, and answers questions about it; a method's
// comment is the contract that every implementation owes. There is one implementation (store/sqlstore) with one SQL
// text for all databases.
//
// Times are UTC with millisecond precision. Every list is sorted as its method says.
package store

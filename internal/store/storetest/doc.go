// Package storetest is the suite that every implementation of store.Store owes: each sentence of the contract is a
// test here, one file for each area. A new behaviour is added here first.
//
// It is not the place for what only one database can do wrong (a damaged file, a migration); that is tested beside
// the implementation.
//
// Its data is written by hand in each test.
package storetest

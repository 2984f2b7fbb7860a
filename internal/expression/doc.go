// Package expression is the mapping language: it parses an expression such as
// Join(" ", [givenName], [surname]), prints it, and evaluates it over one source object.
//
// It is pure: attributes and the clock are arguments, nothing is read or written, and a parsed Expression
// is immutable. Functions are rows of one table (table.go), from which arity checks, the list for
// documentation and the tests are taken.
//
// It is not the place for what happens to the result: whether a null is written, defaults, and conversion
// to the target's type belong to package engine. Scoping filters are in package scope.
//
// Its tests take their data from testdata/expression-vectors.json, the conformance vectors of
// expressions.md 12. Ids of vectors whose function does not exist yet are listed in
// testdata/pending-vectors.txt.
package expression

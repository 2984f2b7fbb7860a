// Package expression is the mapping language: it parses an expression such as
// Join(" ", [givenName], [surname]), prints it, and evaluates it over one source object.
//
// It is pure: attributes, clock, randomness and the question whether a value is taken are arguments, and a parsed
// Expression is immutable. Only the pattern engine's own time limit depends on the machine. Functions are rows of one table (table.go), from which arity checks, the list for
// documentation and the tests are taken.
//
// It is not the place for what happens to the result: whether a null is written, defaults, and conversion
// to the target's type belong to package engine. Scoping filters are in package scope.
//
// Its tests take their data from testdata/expression-vectors.json, the conformance vectors of
// expressions.md 12, from the examples of the function table, and from golden files of its messages.
package expression

// Package directory holds the words every other room speaks: objects, values, attributes,
// references, anchors, and the kinds of error the edges report.
//
// It is pure: no I/O, no clock, no context, no import of another room.
//
// It is not the place for rules. What an expression yields is decided in package expression,
// who is in scope in package scope, what happens to an account in package engine.
//
// Its tests are tables written by hand; the text forms come from the mapping language's
// reference (expressions.md 1.1).
package directory

// Package acctest is what acceptance tests share: the provider in process, on an engine of the test's own.
//
// It is imported by tests only.
package acctest

// Package testenv starts the servers that the connectors are tested against, on loopback, and reads what they hold without
// the code under test.
//
// The real ones are in the folders beside this file: scimmy and betterauth from npm, elimity a Go module of its own, so that
// nothing of them touches the product's dependencies. `make test-servers` installs them below .testenv; `make test` does so
// by itself. Where one is missing the test says what to install: in CI it fails, elsewhere it is skipped.
//
// opa is no server: it evaluates the policies of examples/gitops with Open Policy Agent, a Go module of its own as well, built by the
// tests that use it.
//
// adversary is a server of our own that gets one thing wrong at a time; scenario is the life of a small directory that every
// server is put through.
//
// It is a test helper and stays out of the binary (internal/imports_test.go).
package testenv

// Package api serves the engine's API: it turns messages into the words of packages job and cycle and back, resolves the
// drafts a job refers to, and maps errors to codes. The generated code is in gen.
//
// It decides nothing about accounts. InProcess is the transport of the embedded engine: the same client, the same
// handlers, no network.
package api

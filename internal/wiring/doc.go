// Package wiring is the only room that names implementations: it builds an engine from a store, the sources and the
// connectors, and hands out the generated client to it.
package wiring

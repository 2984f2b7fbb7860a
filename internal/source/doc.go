// Package source is the contract of everything people and groups are read from.
//
// The implementations live in folders of their own (file, memory; a tenant follows) and do not know each
// other. The contract is modelled on a change feed (engine.md 3), because that is what the hardest source
// offers: changes since a watermark, partial objects, replays, no order. A file is the easy case: every
// change of it delivers everything.
//
// It is not for deciding anything, and not for keeping anything: the engine's own copy of the source
// objects is kept by package store, which merges what a source delivers.
//
// Every implementation passes sourcetest.
package source

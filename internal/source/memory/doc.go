// Package memory is a source for tests: its content is set by calls, and it can be as awkward as the
// contract allows. It delivers partial changes, replays changes of earlier calls, repeats objects within
// one call, forgets its watermarks and breaks off in the middle.
//
// It is not used in the binary.
//
// Its test is the conformance suite, in every combination of the switches.
package memory

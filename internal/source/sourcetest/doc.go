// Package sourcetest holds the behaviour every source owes (contract: package source). Each implementation
// runs it from its own tests; a new promise is added here first.
//
// It judges a source by the copy a caller would keep from it, so that a feed of partial changes and a file
// that delivers everything pass the same cases. Content is stated in words that every source can express.
//
// It is not for what only one source can do or get wrong (formats, tokens, network faults), and it is not
// in the binary.
package sourcetest

// Package memory is a connector whose target is a map: the oracle's playground for the engine's tests.
//
// It is not a cache and not a product feature. It knows no protocol; it keeps attributes flat, by mapping
// target path, exactly as they were written. Anchors are handed out in order ("user-1", "group-1"), so equal
// histories give equal states.
//
// Its tests are the contract suite (package connectortest) and tables of its own.
package memory

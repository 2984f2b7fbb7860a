// Package connectortest is the contract of package connector as tests. Every implementation runs it: the
// in-memory one, each protocol, and the wrappers.
//
// It knows no implementation and no protocol; what an implementation cannot do is listed in its Options, where
// everybody sees it. Faults are not its subject: package faulty makes them, and each protocol has its own.
package connectortest

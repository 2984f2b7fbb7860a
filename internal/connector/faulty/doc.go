// Package faulty wraps a connector and makes chosen calls go wrong: the adversary of the engine's tests.
//
// A schedule is data: which call (by method, by operation id, by its number), and which fault. The same schedule
// gives the same faults in every run. It invents no result: what a fault means is stated with the fault, so that
// a test can derive what it expects from its scenario alone.
//
// Its tests run the contract suite without faults (every method is passed on), and a table of one fault each.
package faulty

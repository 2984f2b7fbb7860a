// Package checkup finds out what works and what does not: the store, the sources, the connections and the jobs of an engine, each by
// probes that build on each other. It repairs nothing and decides nothing; what a finding means for people is said where it is
// found.
//
// Targets are looked at side by side, each with a time limit, and findings are reported as they come. Tests run on engines with the
// in-memory source and connector.
package checkup

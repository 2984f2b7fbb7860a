// Package scopingfilter is the Terraform resource provisioning_scoping_filter: a named filter over source
// attributes that says who is in scope.
//
// Clauses are checked by the engine's own rules (package scope) when Terraform validates; they are evaluated by
// the engine only. Tests: tables for the clauses, Terraform against the engine of package acctest for the
// resource, configurations in testdata.
package scopingfilter

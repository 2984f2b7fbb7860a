// Package ondemand is the Terraform resource provisioning_on_demand: it provisions chosen people when it is applied, and says
// what became of each (engine.md 19).
//
// A plan contacts nobody; the results are known after the apply. Tests: Terraform against an engine with an application,
// configurations in testdata.
package ondemand

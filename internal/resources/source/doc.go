// Package source is the Terraform resource provisioning_source: where people and groups are read.
//
// It does not read them; the engine does, when a job is planned or applied. Tests: Terraform against the
// engine of package acctest, configurations in testdata.
package source

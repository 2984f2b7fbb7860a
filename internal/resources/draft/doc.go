// Package draft is what all resources that write a draft have in common: identity, planning, the four
// operations, import and timeouts. A resource adds its schema and its model (type Object).
//
// A draft has no effect until a job commits it (design.md 3), so nothing here previews or warns about
// accounts. The job is not a draft and is not built on this package.
//
// Its tests use the engine of package acctest; the resources built on it are tested through Terraform.
package draft

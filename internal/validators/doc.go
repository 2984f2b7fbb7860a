// Package validators holds the attribute validators that more than one resource uses, or that speak for the
// engine: they run when Terraform validates, so that a mistake shows before anything is planned
// (terraform-conventions.md 8).
//
// All of them pass null and unknown values. Rules that only one resource has live with that resource.
package validators

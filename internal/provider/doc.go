// Package provider is the provider block, its configuration, and the one list of everything the provider offers.
//
// It does not know how an engine is built: main passes a function that opens one. It opens nothing before a
// resource asks for it, because Terraform starts the provider several times per command just for schemas
// (plan-preview-mechanics.md P1).
//
// Its tests configure it directly, without Terraform, and plan every example against the engine of package
// acctest.
package provider

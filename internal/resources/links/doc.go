// Package links is the data source provisioning_links: which account belongs to whom (engine.md 10).
//
// It changes nothing and decides nothing. Its tests run Terraform on an embedded engine and an application on loopback.
package links

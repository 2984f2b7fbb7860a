// Package logs is the data source provisioning_logs: what a job did to whom, and why (engine.md 23).
//
// It changes nothing and decides nothing. Its tests run Terraform on an embedded engine and an application on loopback.
package logs

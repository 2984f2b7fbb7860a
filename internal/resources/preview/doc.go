// Package preview is the data source provisioning_preview: what committing a job would do, also with some of its settings
// changed, asked before anything is written.
//
// It commits nothing and computes nothing: the engine previews a committed job, or the same job with what the configuration
// changes in it. Its tests run Terraform on an embedded engine and an application on loopback.
package preview

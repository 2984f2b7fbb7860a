// Package appassignment is the Terraform resource provisioning_app_assignment: a named set of users and groups
// of a source that are assigned to an app.
//
// Whether assignments count is the job's scope setting. Tests: Terraform against the engine of package
// acctest, configurations in testdata.
package appassignment

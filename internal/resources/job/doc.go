// Package job is the Terraform resource and data source provisioning_job: the commit point of every draft and the
// place where a plan says who loses access.
//
// The plan is a pure function of what the job refers to and of a position that Read pinned in private state
// (plan-preview-mechanics.md 5, design.md 6.1), because Terraform plans every create and update a second time in
// another process and insists on equal values:
//
//	Read          reads the source, pins the position it reached
//	ModifyPlan    asks the engine for a preview of (configuration, position)
//	Create/Update commits what the plan showed: position and digest of the affected accounts
//	Delete        carries out the destroy policy, with what the destroy plan left in private data
//
// It computes nothing about accounts itself and does not know whether the engine is embedded or remote.
//
// Its tests run against a small fake engine behind the real Connect handlers (fake_test.go); plans are made through
// the protocol server, by hand where warnings and private data matter (plan_test.go) and by Terraform itself
// (acc_test.go). The whole chain, with the embedded engine and the application of examples/quickstart, is in
// engine_test.go.
package job

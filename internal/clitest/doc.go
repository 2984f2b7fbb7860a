// Package clitest drives the built provider with the real Terraform CLI, one process for each walk: saved plans,
// show -json, -target, -destroy, imports. The acceptance tests in other rooms share one process between plan and apply
// (plan-preview-mechanics.md P7), so what has to survive a saved plan is proved only here.
//
// It is not for the rules of the engine or for every attribute; their rooms test those. It holds tests only.
//
// The scripts are testdata/*.txtar; what each finds beside it when it starts is testdata/stage. The commands they use are
// described in commands_test.go.
package clitest

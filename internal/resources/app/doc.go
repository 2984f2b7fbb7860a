// Package app is the Terraform resource provisioning_app: the application that receives accounts.
//
// Where it is reached, what it receives and who is in scope are resources of their own. Tests: Terraform
// against the engine of package acctest, configurations in testdata.
package app

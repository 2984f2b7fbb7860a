// Package scimconnection is the Terraform resource provisioning_scim_connection: the SCIM 2.0 endpoint of an
// app and its credentials.
//
// It does not contact the endpoint; a job does. Tests: Terraform against the engine of package acctest,
// configurations in testdata.
package scimconnection

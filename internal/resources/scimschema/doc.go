// Package scimschema is the data source provisioning_scim_schema: what the target behind a connection says about itself, and what
// was found out about it.
//
// Its tests run on an embedded engine and the wiki of examples/quickstart.
package scimschema

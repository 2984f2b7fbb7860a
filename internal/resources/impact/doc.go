// Package impact is what Terraform shows of a preview: the shape of planned_impact and planned_changes, and the limits that
// bound them. The resource and the data source of a job and the data source provisioning_preview share it; it is none of them.
//
// It holds no rule and asks nobody. Its tests are those of the Terraform objects that show it.
package impact

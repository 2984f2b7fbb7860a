// Package attributemapping is the Terraform resource provisioning_attribute_mapping: what the attributes of one
// object type of an app receive, by which attributes accounts are matched, and what may be done to them.
//
// It has no rules of its own about mappings: package job knows what is wrong or doubtful about one, and this package
// puts that next to the attribute in question when Terraform validates, also when parts are not known yet
// (completion.go). It is not for evaluating expressions or presets, which only the engine does.
//
// Tests: Terraform's protocol for validation and state, and the whole chain from Terraform to an application for what
// mappings do; configurations in testdata and in the examples of the guide.
package attributemapping

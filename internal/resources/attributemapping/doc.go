// Package attributemapping is the Terraform resource provisioning_attribute_mapping: what the attributes of one
// object type of an app receive, by which attributes accounts are matched, and what may be done to them.
//
// Expressions are parsed by the engine's own parser (package expression) when Terraform validates; they are
// evaluated by the engine only. Tests: tables for the rules, Terraform against the engine of package acctest
// for the resource, configurations in testdata.
package attributemapping

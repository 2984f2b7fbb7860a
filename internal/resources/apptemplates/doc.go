// Package apptemplates is the data source provisioning_app_templates: what is known about well-known products, with its
// sources (package template).
//
// It asks no engine and needs no provider configuration: the answer is part of the provider.
package apptemplates

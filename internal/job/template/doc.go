// Package template knows products with a SCIM endpoint: where it is, how one signs in, which wire profile and limits suit
// it, and what its accounts receive by default (design.md 3, provisioning_app.template). A template is data, one file per
// product in data/, and every fact in it names its public source; what is not known is left out. No code asks for a
// product's name.
//
// Apply fills a job's definition in, once, when it is put together: the committed generation holds the values and not the
// name alone, so that a template that changed with a newer provider shows as a change of the job.
//
// It is not for what a server tells about itself (discovery), nor for what a connector learned from it.
package template

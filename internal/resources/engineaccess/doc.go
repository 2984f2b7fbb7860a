// Package engineaccess is how a Terraform object gets at its engine, and how an answer of the engine becomes
// a diagnostic. Every kind of failure has one wording, here (terraform-conventions.md 7).
//
// It knows no object and makes no call itself. Its tests are tables without an engine.
package engineaccess

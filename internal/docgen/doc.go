// Docgen writes the guide to the mapping language from the function table of package expression, so that the guide cannot
// say what the engine does not do. It writes a template, which tfplugindocs turns into a page like every other guide:
//
//	go run ./internal/docgen templates/guides/expressions.md.tmpl
//
// It is not for pages about Terraform objects, which tfplugindocs writes from their schemas, and is no part of the
// provider. The prose is introduction.md; its tests evaluate the examples in it.
package main

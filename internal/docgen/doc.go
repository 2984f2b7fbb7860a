// Docgen writes the guides that are made from data of the engine, so that they cannot say what the engine does not do: the
// guide to the mapping language, from the function table of package expression, and the guide to app templates, from the
// documents of package template. It writes templates, which tfplugindocs turns into pages like every other guide:
//
//	go run ./internal/docgen expressions templates/guides/expressions.md.tmpl
//
// It is not for pages about Terraform objects, which tfplugindocs writes from their schemas, and is no part of the
// provider. The prose is introduction.md and templates.md; its tests evaluate the examples in it.
package main

// Docgen writes the guide to the mapping language from the function table of package expression, so that the guide cannot
// say what the engine does not do. It writes a template, which tfplugindocs turns into a page like every other guide:
//
//	go run ./internal/docgen templates/guides/expressions.md.tmpl
//
// It is not for pages about Terraform objects, which tfplugindocs writes from their schemas, and is no part of the
// provider. The prose is introduction.md; its tests evaluate the examples in it.
package main

import (
	"fmt"
	"os"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: docgen FILE")
		os.Exit(2)
	}
	page := guide(expression.Functions(), expression.Operators())
	if err := os.WriteFile(os.Args[1], []byte(page), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

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

package main

import (
	"fmt"
	"os"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: docgen expressions|app-templates FILE")
		os.Exit(2)
	}
	text, err := page(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func page(name string) (string, error) {
	switch name {
	case "expressions":
		return guide(expression.Functions(), expression.Operators()), nil
	case "app-templates":
		templates, err := template.All()
		return templatesGuide(templates), err
	default:
		return "", fmt.Errorf("there is no page %q", name)
	}
}

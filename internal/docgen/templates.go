package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

//go:embed templates.md
var templatesIntroduction string

// templatesGuide returns the page about app templates: the introduction with the products in their places.
func templatesGuide(templates []template.Template) string {
	var index, products strings.Builder
	index.WriteString("| Key | Product | Status |\n| --- | --- | --- |\n")
	for _, t := range templates {
		fmt.Fprintf(&index, "| [`%s`](#%s) | %s | %s |\n", t.Key, anchor(t.Name), prose(t.Name), t.Status)
		products.WriteString(product(t))
	}
	page := strings.Replace(templatesIntroduction, "{{ index }}\n", index.String(), 1)
	return strings.Replace(page, "{{ templates }}\n", products.String(), 1)
}

func product(t template.Template) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n`template = \"%s\"`, by %s, %s.", prose(t.Name), t.Key, prose(t.Vendor), t.Status)
	for i, link := range t.Documentation {
		fmt.Fprintf(&b, " %s<%s>", map[bool]string{true: "Documentation: ", false: ""}[i == 0], link)
	}
	b.WriteString("\n\n| | | |\n| --- | --- | --- |\n")
	var peculiarities []template.Line
	for _, line := range t.Lines() {
		if line.Subject == "peculiarity" {
			peculiarities = append(peculiarities, line)
			continue
		}
		text := "`" + literal(line.Value) + "`"
		if line.Note != "" {
			text += " " + prose(line.Note)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", line.Subject, text, line.Source)
	}
	for _, objectType := range directory.ObjectTypes() {
		rows := t.Mapping(objectType)
		if rows == nil {
			continue
		}
		fmt.Fprintf(&b, "\nWhat %ss receive:\n\n```text\n", objectType)
		for _, row := range rows {
			matched := ""
			if row.MatchingPrecedence > 0 {
				matched = fmt.Sprintf("    (matching precedence %d)", row.MatchingPrecedence)
			}
			b.WriteString(literal(row.Target+" ← "+row.Expression) + matched + "\n")
		}
		b.WriteString("```\n")
	}
	if len(peculiarities) > 0 {
		b.WriteString("\nGood to know:\n\n")
	}
	for _, line := range peculiarities {
		fmt.Fprintf(&b, "* %s (%s)\n", prose(line.Value), line.Source)
	}
	b.WriteString("\nSources:\n\n")
	for _, source := range t.Sources {
		dated := ""
		if source.Dated != "" {
			dated = ", dated " + source.Dated
		}
		fmt.Fprintf(&b, "* %s: <%s>%s, %s\n", source.Name, source.URL(), dated, source.Status)
	}
	return b.String()
}

// anchor is the fragment of a heading, as the registry and GitHub make it.
func anchor(heading string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r == ' ':
			return '-'
		default:
			return -1
		}
	}, strings.ToLower(heading))
	return kept
}

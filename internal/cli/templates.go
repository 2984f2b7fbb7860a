package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

// templatesCommand shows what is known about products. It needs no store.
type templatesCommand struct {
	List templatesListCommand `cmd:"" help:"List the templates."`
	Show templatesShowCommand `cmd:"" help:"Show everything that is known about one product, with the sources."`
}

type templatesListCommand struct {
	Search string `arg:"" optional:"" help:"A text that the key, the name or the vendor contains, without regard to case."`
	JSON   bool   `name:"json" help:"Print a JSON array of the whole templates."`
}

// Run lists, sorted by key.
func (c *templatesListCommand) Run(streams Streams) error {
	found, err := template.Search(c.Search)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(streams.Out, append([]template.Template{}, found...))
	}
	rows := [][]string{{"KEY", "STATUS", "NAME"}}
	for _, t := range found {
		rows = append(rows, []string{t.Key, string(t.Status), t.Name})
	}
	out := table{to: streams.Out}
	if len(found) > 0 {
		if err := out.rows(rows...); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(streams.Err, "templates: %d\n", len(found))
	return err
}

type templatesShowCommand struct {
	Key  string `arg:"" help:"Key of the template."`
	JSON bool   `name:"json" help:"Print the template as JSON."`
}

// Run shows one template.
func (c *templatesShowCommand) Run(streams Streams) error {
	t, err := template.Find(c.Key)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(streams.Out, t)
	}
	_, err = io.WriteString(streams.Out, describe(t))
	return err
}

// describe returns a template for people: the facts with their sources, the default mappings, the sources.
func describe(t template.Template) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s), by %s, %s\n", t.Name, t.Key, t.Vendor, t.Status)
	for _, link := range t.Documentation {
		b.WriteString(link + "\n")
	}
	b.WriteString("\n")
	for _, line := range t.Lines() {
		fmt.Fprintf(&b, "%s: %s [%s]\n", line.Subject, line.Value, line.Source)
		if line.Note != "" {
			b.WriteString("    " + line.Note + "\n")
		}
	}
	for _, objectType := range directory.ObjectTypes() {
		rows := t.Mapping(objectType)
		if rows != nil {
			fmt.Fprintf(&b, "\nWhat %ss receive:\n", objectType)
		}
		for _, row := range rows {
			fmt.Fprintf(&b, "    %s <- %s", row.Target, row.Expression)
			if row.MatchingPrecedence > 0 {
				fmt.Fprintf(&b, "  (matching precedence %d)", row.MatchingPrecedence)
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\nSources:\n")
	for _, source := range t.Sources {
		fmt.Fprintf(&b, "    %s: %s", source.Name, source.URL())
		if source.Dated != "" {
			b.WriteString(", dated " + source.Dated)
		}
		fmt.Fprintf(&b, ", %s\n", source.Status)
	}
	return b.String()
}

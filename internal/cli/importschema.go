package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/exchange"
)

// importSchemaCommand turns a synchronization schema of Microsoft Entra into Terraform configuration.
type importSchemaCommand struct {
	File         string `arg:"" placeholder:"SCHEMA.json" help:"The schema, as Graph answers it or the portal downloads it; - reads standard input."`
	App          string `placeholder:"KEY" help:"Key of the app. Default: made from the name of the target directory."`
	Name         string `placeholder:"TEXT" help:"Name of the app for people. Default: the name of the target directory."`
	Output       string `short:"o" placeholder:"FILE" default:"-" help:"File to write; an existing one is not overwritten. Default: standard output."`
	Preset       string `placeholder:"NAME" enum:",entra-default" default:"" help:"Build on a table of default mappings where that is shorter: entra-default."`
	MappingsOnly bool   `help:"Write mappings and scoping filters only, for a configuration that has app, source, connection and job."`
}

// Help returns the long text of import-schema --help.
func (importSchemaCommand) Help() string {
	return `Writes a mapping for users and one for groups, a scoping filter for each filter of theirs, and what they rest on: app, ` +
		`source, connection and a paused job, with the places to fill in. What has no counterpart is in comments where it belongs, ` +
		`and is listed on standard error. Nothing is read but the file.

Examples:

    terraform-provider-provisioning import-schema schema.json -o wiki.tf
    terraform-provider-provisioning import-schema schema.json --app wiki --name "Contoso Wiki" --preset entra-default
    az rest --url "https://graph.microsoft.com/v1.0/servicePrincipals/$ID/synchronization/jobs/$JOB/schema" |
        terraform-provider-provisioning import-schema - --mappings-only`
}

// Run imports.
func (c *importSchemaCommand) Run(streams Streams) error {
	raw, err := readInput(c.File, streams.In)
	if err != nil {
		return err
	}
	from := "standard input"
	if c.File != "-" {
		from = filepath.Base(c.File)
	}
	imported, err := exchange.ReadSchema(raw, exchange.Options{AppKey: c.App, AppName: c.Name, Preset: c.Preset})
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if err := writeOutput(c.Output, imported.HCL(exchange.Form{MappingsOnly: c.MappingsOnly, From: from}), streams.Out); err != nil {
		return err
	}
	_, err = io.WriteString(streams.Err, imported.Summary(from))
	return err
}

// readInput reads a file, or standard input for -. It reads no more than can be a schema, and one byte to tell.
func readInput(file string, in io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(in, exchange.MaximumInput+1))
	}
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }()
	return io.ReadAll(io.LimitReader(opened, exchange.MaximumInput+1))
}

// writeOutput writes a new file, or standard output for -.
func writeOutput(file string, text []byte, out io.Writer) error {
	if file == "-" {
		_, err := out.Write(text)
		return err
	}
	created, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := created.Write(text); err != nil {
		_ = created.Close()
		return fmt.Errorf("write %s: %w", file, err)
	}
	return created.Close()
}

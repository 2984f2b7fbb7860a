package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/exchange"
)

// exportSchemaCommand turns Terraform configuration or state into a synchronization schema of Microsoft Entra.
type exportSchemaCommand struct {
	Files  []string `arg:"" placeholder:"FILE_OR_DIR" help:"Files and directories of Terraform configuration (*.tf), or the output of terraform show -json; - reads that from standard input."`
	App    string   `placeholder:"KEY" help:"Key of the app, when there are several."`
	Output string   `short:"o" placeholder:"FILE" default:"-" help:"File to write; an existing one is not overwritten. Default: standard output."`
}

// Help returns the long text of export-schema --help.
func (exportSchemaCommand) Help() string {
	return `Writes the mappings and scoping filters of one app as Graph has them, with the directories' attributes that are used. ` +
		`Configuration has to be literal: where variables, functions or for_each are used, give the state or a plan instead. ` +
		`Where the configuration has a job of the app, only what the job refers to is written.

Graph replaces the whole schema by what it is sent, so merge the parts into the schema of your application.

Examples:

    terraform-provider-provisioning export-schema . --app wiki -o schema.json
    terraform show -json | terraform-provider-provisioning export-schema - --app wiki
    terraform show -json saved.tfplan > plan.json && terraform-provider-provisioning export-schema plan.json`
}

// Run exports.
func (c *exportSchemaCommand) Run(streams Streams) error {
	resources, err := c.resources(streams.In)
	if err != nil {
		return err
	}
	configuration, unused, err := resources.Configuration(c.App)
	if err != nil {
		return err
	}
	schema, err := configuration.Schema()
	if err != nil {
		return err
	}
	if err := writeOutput(c.Output, schema, streams.Out); err != nil {
		return err
	}
	for _, place := range unused {
		_, _ = fmt.Fprintf(streams.Err, "left out: %s: no job of app %s refers to it\n", place, configuration.App.Key)
	}
	return nil
}

func (c *exportSchemaCommand) resources(in io.Reader) (exchange.Resources, error) {
	var resources exchange.Resources
	var loose []string
	for _, file := range c.Files {
		info, err := os.Stat(file)
		if file != "-" && err != nil {
			return resources, err
		}
		if file == "-" || !info.IsDir() {
			loose = append(loose, file)
			continue
		}
		names, err := filepath.Glob(filepath.Join(file, "*.tf"))
		if err != nil {
			return resources, err
		}
		if len(names) == 0 {
			return resources, fmt.Errorf("there are no .tf files in %s", file)
		}
		module, err := readFiles(names, in)
		if err != nil {
			return resources, err
		}
		resources = resources.Join(module)
	}
	module, err := readFiles(loose, in)
	return resources.Join(module), err
}

// readFiles reads files of configuration, which belong to one module, and of state.
func readFiles(names []string, in io.Reader) (exchange.Resources, error) {
	var resources exchange.Resources
	var files []exchange.File
	slices.Sort(names)
	for _, name := range names {
		raw, err := readState(name, in)
		if err != nil {
			return resources, err
		}
		if !exchange.IsState(raw) && !strings.HasSuffix(name, ".json") {
			files = append(files, exchange.File{Name: name, Text: raw})
			continue
		}
		state, err := exchange.ReadState(raw)
		if err != nil {
			return resources, fmt.Errorf("%s: %w", name, err)
		}
		resources = resources.Join(state)
	}
	module, err := exchange.ReadConfiguration(files)
	return resources.Join(module), err
}

// readState reads a file that may be a state, which is larger than a schema.
func readState(file string, in io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(in, exchange.MaximumState+1))
	}
	return os.ReadFile(file)
}

package exchange

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// File is a file of Terraform configuration.
type File struct {
	// Name is used in errors.
	Name string
	Text []byte
}

// ReadConfiguration reads the resources of configuration files that belong to one module. Their attributes have to be
// literal, or refer to id, key, name or display_name of one another; the error names file and line of what is not. Only
// the attributes that a schema is made of are looked at.
func ReadConfiguration(files []File) (Resources, error) {
	var blocks []*hclsyntax.Block
	var problems []error
	for _, file := range files {
		if len(file.Text) > MaximumInput {
			return Resources{}, fmt.Errorf("%s has %d bytes, at most %d are read", file.Name, len(file.Text), MaximumInput)
		}
		parsed, diagnostics := hclsyntax.ParseConfig(file.Text, file.Name, hcl.InitialPos)
		problems = append(problems, errorsOf(diagnostics, "")...)
		if parsed == nil {
			continue
		}
		body, ok := parsed.Body.(*hclsyntax.Body)
		if !ok {
			continue
		}
		for _, block := range body.Blocks {
			if block.Type == "resource" && len(block.Labels) == 2 && slices.Contains(readKinds(), block.Labels[0]) {
				blocks = append(blocks, block)
			}
		}
	}
	if len(problems) > 0 {
		return Resources{}, errors.Join(problems...)
	}
	return evaluate(blocks)
}

// readKinds are the resources that are read, each after those it may refer to.
func readKinds() []string { return []string{kindApp, kindMapping, kindFilter, kindJob} }

// readAttributes are the attributes that are read of a resource.
func readAttributes(kind string) []string {
	switch kind {
	case kindApp:
		return []string{"key", "display_name", "template"}
	case kindMapping:
		return []string{"app_id", "object_type", "enabled", "actions", "preset", "exclude", "attributes", "source_attributes", "target_attributes"}
	case kindFilter:
		return []string{"app_id", "object_type", "name", "clauses"}
	default:
		return []string{"app_id", "mapping_ids", "scoping_filter_ids"}
	}
}

const otherForm = "only literal values can be read from configuration; use the state instead: terraform show -json > state.json"

func evaluate(blocks []*hclsyntax.Block) (Resources, error) {
	var resources Resources
	var problems []error
	known := map[string]map[string]cty.Value{}
	for _, kind := range readKinds() {
		known[kind] = map[string]cty.Value{}
		for _, block := range blocks {
			if block.Labels[0] != kind {
				continue
			}
			found, wrong := read(block, known)
			problems = append(problems, wrong...)
			if len(wrong) > 0 {
				continue
			}
			known[kind][block.Labels[1]] = cty.ObjectVal(found.visible())
			resources.found = append(resources.found, found)
		}
	}
	return resources, errors.Join(problems...)
}

// visible are the attributes other resources may refer to.
func (r resource) visible() map[string]cty.Value {
	visible := map[string]cty.Value{}
	for _, name := range []string{"key", "name", "display_name", "app_id", "object_type"} {
		if text, ok := r.values[name].(string); ok {
			visible[name] = cty.StringVal(text)
		}
	}
	switch r.kind {
	case kindApp:
		visible["id"] = cty.StringVal(r.text("key"))
	case kindMapping:
		visible["id"] = cty.StringVal(r.mapping().ID())
	case kindFilter:
		visible["id"] = cty.StringVal(r.filter().ID())
	}
	return visible
}

func read(block *hclsyntax.Block, known map[string]map[string]cty.Value) (resource, []error) {
	at := block.DefRange()
	found := resource{
		kind: block.Labels[0], name: block.Labels[1], values: map[string]any{},
		place: fmt.Sprintf("%s:%d: %s", at.Filename, at.Start.Line, strings.Join(block.Labels, ".")),
	}
	var problems []error
	for _, name := range []string{"count", "for_each"} {
		if attribute, ok := block.Body.Attributes[name]; ok {
			problems = append(problems, fmt.Errorf("%s:%d: %s of %s: %s", at.Filename, attribute.NameRange.Start.Line, name, strings.Join(block.Labels, "."), otherForm))
		}
	}
	context := &hcl.EvalContext{Variables: map[string]cty.Value{}}
	for kind, resources := range known {
		if len(resources) > 0 {
			context.Variables[kind] = cty.ObjectVal(resources)
		}
	}
	for _, name := range readAttributes(found.kind) {
		attribute, ok := block.Body.Attributes[name]
		if !ok {
			continue
		}
		value, diagnostics := attribute.Expr.Value(context)
		if diagnostics.HasErrors() {
			problems = append(problems, errorsOf(diagnostics, otherForm)...)
			continue
		}
		found.values[name] = plain(value)
	}
	return found, problems
}

// errorsOf makes one error of each diagnostic, with file and line.
func errorsOf(diagnostics hcl.Diagnostics, advice string) []error {
	var problems []error
	for _, d := range diagnostics {
		if d.Severity != hcl.DiagError {
			continue
		}
		text := strings.TrimSuffix(d.Detail, ".")
		if advice != "" {
			text += "; " + advice
		}
		if d.Subject != nil {
			text = fmt.Sprintf("%s:%d: %s", d.Subject.Filename, d.Subject.Start.Line, text)
		}
		problems = append(problems, errors.New(text))
	}
	return problems
}

// plain returns a value in the form of JSON.
func plain(v cty.Value) any {
	switch {
	case v.IsNull() || !v.IsKnown():
		return nil
	case v.Type() == cty.String:
		return v.AsString()
	case v.Type() == cty.Bool:
		return v.True()
	case v.Type() == cty.Number:
		return v.AsBigFloat()
	case v.Type().IsObjectType() || v.Type().IsMapType():
		object := map[string]any{}
		for name, member := range v.AsValueMap() {
			object[name] = plain(member)
		}
		return object
	case v.CanIterateElements():
		elements := []any{}
		for _, element := range v.AsValueSlice() {
			elements = append(elements, plain(element))
		}
		return elements
	default:
		return nil
	}
}

package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// MaximumState is the largest state, in bytes: it also holds what is no part of a schema.
const MaximumState = 64 << 20

// IsState reports whether a text looks like the JSON of terraform show -json.
func IsState(raw []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }

type stateFile struct {
	FormatVersion string      `json:"format_version"`
	Values        *stateRoot  `json:"values"`
	PlannedValues *stateRoot  `json:"planned_values"`
	Errored       bool        `json:"errored"`
	Resources     []stateItem `json:"resources"` // of a raw state file, which is something else
}

type stateRoot struct {
	RootModule stateModule `json:"root_module"`
}

type stateModule struct {
	Resources    []stateItem   `json:"resources"`
	ChildModules []stateModule `json:"child_modules"`
}

type stateItem struct {
	Address string         `json:"address"`
	Mode    string         `json:"mode"`
	Type    string         `json:"type"`
	Name    string         `json:"name"`
	Values  map[string]any `json:"values"`
}

// ReadState reads the resources of the JSON that terraform show -json prints of a state, or of a plan: then what is
// planned. The error names line and column of what is not JSON.
func ReadState(raw []byte) (Resources, error) {
	if len(raw) > MaximumState {
		return Resources{}, fmt.Errorf("the file has %d bytes, at most %d are read", len(raw), MaximumState)
	}
	var file stateFile
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&file); err != nil {
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			return Resources{}, fmt.Errorf("%s: not valid JSON: %w", place(raw, syntax.Offset-1), err)
		}
		return Resources{}, fmt.Errorf("not the output of terraform show -json: %w", err)
	}
	root := file.PlannedValues
	if root == nil {
		root = file.Values
	}
	switch {
	case file.Errored:
		return Resources{}, errors.New("the plan failed: make one that succeeds")
	case root == nil && len(file.Resources) > 0:
		return Resources{}, errors.New("this is a state file; its format is Terraform's own business, use the output of terraform show -json")
	case root == nil && file.FormatVersion == "":
		return Resources{}, errors.New("this is not the output of terraform show -json: there is neither values nor planned_values in it")
	case root == nil:
		return Resources{}, errors.New("the state is empty")
	}
	return root.RootModule.resources(), nil
}

func (m stateModule) resources() Resources {
	var r Resources
	for _, item := range m.Resources {
		if item.Mode == "managed" && slices.Contains(readKinds(), item.Type) {
			r.found = append(r.found, resource{kind: item.Type, name: item.Name, place: item.Address, values: item.Values})
		}
	}
	for _, child := range m.ChildModules {
		r = r.Join(child.resources())
	}
	return r
}

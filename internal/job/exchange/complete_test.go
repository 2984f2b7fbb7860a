package exchange_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/exchange"
)

// visit calls f for every value of a document, with its path and a way to replace it.
func visit(v any, path string, replace func(any), f func(path string, v any, replace func(any))) {
	f(path, v, replace)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			visit(v[name], strings.TrimPrefix(path+"."+name, "."), func(with any) { v[name] = with }, f)
		}
	case []any:
		for i := range v {
			visit(v[i], fmt.Sprintf("%s[%d]", path, i), func(with any) { v[i] = with }, f)
		}
	}
}

func document(t testing.TB, file string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(bytes.TrimPrefix(read(t, file), []byte("\xEF\xBB\xBF")), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// output is everything an import says, in the form in which it is written (TestEverythingIsWritten). What is not said
// again is lost.
func output(t testing.TB, v any) string {
	t.Helper()
	i, err := exchange.ReadSchema(marshal(t, v), exchange.Options{AppKey: "app"})
	if err != nil {
		return "error: " + err.Error()
	}
	return string(marshal(t, i))
}

var (
	index        = regexp.MustCompile(`\[\d+\]`)
	inDefinition = regexp.MustCompile(`^directories\[\d+\]\.objects\[\d+\]\.attributes\[\d+\]`)
)

// silence says which values may change without a trace.
type silence struct {
	root any
	// unused are the paths of definitions whose attributes the import lists as unused: only their names count.
	unused map[string]bool
}

func silences(t testing.TB, root any) silence {
	t.Helper()
	s := silence{root: root, unused: map[string]bool{}}
	listed := map[string]string{}
	for _, n := range imported(t, marshal(t, root), exchange.Options{}).Notes {
		if strings.HasPrefix(n.Path, "directories[") && n.Kind == exchange.Remark {
			listed[strings.TrimSuffix(n.Path, ".attributes")] = ", " + strings.Join(n.Detail, " ") + ","
		}
	}
	visit(schemaOf(root), "", nil, func(path string, v any, _ func(any)) {
		at, isName := strings.CutSuffix(path, ".name")
		object, _, _ := strings.Cut(path, ".attributes[")
		if name, ok := v.(string); ok && isName && inDefinition.MatchString(at) && strings.Contains(listed[object], " "+name+",") {
			s.unused[at] = true
		}
	})
	return s
}

func schemaOf(root any) any {
	object, _ := root.(map[string]any)
	if list, ok := object["value"].([]any); ok {
		entry, _ := list[0].(map[string]any)
		return entry["schema"]
	}
	return root
}

// of reports whether a value is in a row of LeftOut, an annotation of OData, or metadata of which any value is left out.
func (s silence) of(path string) bool {
	path = strings.TrimPrefix(path, "value[0].schema.")
	form := index.ReplaceAllString(path, "[]")
	for _, row := range exchange.LeftOut() {
		if form == row.Path || strings.HasPrefix(form, row.Path+"[") || strings.HasPrefix(form, row.Path+".") {
			return true
		}
	}
	if at := inDefinition.FindString(path); at != "" && form != "directories[].objects[].attributes[].name" {
		// Of an attribute that is used, rows with * leave out what is about the source, or means nothing for a target.
		used := strings.HasPrefix(path, "directories[1]") && !strings.HasSuffix(form, "flowNullValues") && !strings.Contains(form, "referencedObjects") ||
			strings.HasPrefix(path, "directories[0]") && strings.HasSuffix(form, "flowNullValues")
		if s.unused[at] || !used {
			return true
		}
	}
	anyValue := strings.Contains(path, "@odata.") || strings.Contains(path, ".source.") && strings.HasSuffix(path, "].key")
	return anyValue || slices.Contains([]string{"IsCustomerDefined", "OriginalJoiningProperty", "BaseAttributeName", "defaultSourceObjectMappings",
		"supportsProvisionOnDemand"}, s.key(path))
}

// key returns the key of the metadata whose value a path is.
func (s silence) key(path string) (key string) {
	at, isValue := strings.CutSuffix(path, ".value")
	if !isValue || !strings.Contains(path, "metadata[") {
		return ""
	}
	visit(schemaOf(s.root), "", nil, func(path string, v any, _ func(any)) {
		if path == at+".key" {
			key, _ = v.(string)
		}
	})
	return key
}

// pruned drops most definitions of attributes that nothing uses: there are many, and they are all left out alike.
func pruned(t testing.TB, root any) {
	t.Helper()
	silent := silences(t, root)
	visit(schemaOf(root), "", nil, func(path string, v any, replace func(any)) {
		list, ok := v.([]any)
		if !ok || !strings.HasSuffix(path, "].attributes") || !strings.HasPrefix(path, "directories[") {
			return
		}
		kept := []any{}
		for i, definition := range list {
			if !silent.unused[fmt.Sprintf("%s[%d]", path, i)] || len(kept) < 2 {
				kept = append(kept, definition)
			}
		}
		replace(kept)
	})
}

// Every value of every schema is changed, one at a time: the change has to be seen in the configuration or in a comment.
// So whatever the value says, it is either translated or told.
func TestEveryMemberIsTranslatedOrTold(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"customised.json", "onpremises.json"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			root := document(t, file)
			pruned(t, root)
			before, silent, changed := output(t, root), silences(t, root), 0
			visit(root, "", nil, func(path string, v any, replace func(any)) {
				var with any
				switch v := v.(type) {
				case string:
					with = v + "Zq"
				case bool:
					with = !v
				case float64:
					with = v + 7
				default:
					return
				}
				if silent.of(path) {
					return
				}
				replace(with)
				if changed++; output(t, root) == before {
					t.Errorf("%s: %v became %v, and nobody noticed", path, v, with)
				}
				replace(v)
			})
			if changed < 200 {
				t.Errorf("only %d values were tried", changed)
			}
		})
	}
}

// A member that nobody knows is added to every object, each with its own text.
func TestUnknownMembersAreTold(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"default.json", "customised.json", "onpremises.json"} {
		root := document(t, file)
		silent, added := silences(t, root), map[string]string{}
		visit(root, "", nil, func(path string, v any, _ func(any)) {
			if object, ok := v.(map[string]any); ok && !silent.of(path+".novelty") {
				added[path] = fmt.Sprintf("never heard of %d.", len(added))
				object["novelty"] = added[path]
			}
		})
		if len(added) < 60 {
			t.Errorf("%s: only %d members were added", file, len(added))
		}
		text := output(t, root)
		for path, novelty := range added {
			if !strings.Contains(text, novelty) {
				t.Errorf("%s: an unknown member of %q is lost", file, path)
			}
		}
	}
}

// What an import says, its text says.
func TestEverythingIsWritten(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"default.json", "customised.json", "onpremises.json"} {
		i := imported(t, read(t, file), exchange.Options{})
		text := string(i.HCL(exchange.Form{}))
		for _, n := range i.Notes {
			for _, want := range append(slices.Clone(n.Detail), n.Message) {
				if !strings.Contains(text, strings.TrimSpace(want)) {
					t.Errorf("%s: the note of %s is not written: %s", file, n.Path, want)
				}
			}
			if n.Attribute != nil && !strings.Contains(text, n.Attribute.Target) {
				t.Errorf("%s: %s is not written", file, n.Attribute.Target)
			}
			if n.Kind != exchange.Remark && !strings.Contains(i.Summary(file), n.Path) {
				t.Errorf("%s: %s is not in the summary", file, n.Path)
			}
		}
	}
}

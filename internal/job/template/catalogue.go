package template

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// files holds one document per template, named after its key.
//
//go:embed data/*.json
var files embed.FS

const (
	folder    = "data"
	extension = ".json"
)

// Keys lists the keys of all templates, sorted.
func Keys() []string {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return nil // the folder is part of the program
	}
	var keys []string
	for _, entry := range entries {
		keys = append(keys, strings.TrimSuffix(entry.Name(), extension))
	}
	slices.Sort(keys)
	return keys
}

// Find returns the template with a key. An unknown key is a NotFound error that names similar ones.
func Find(key string) (Template, error) {
	if !slices.Contains(Keys(), key) {
		return Template{}, directory.Errorf(directory.NotFound, "%s", unknown(key))
	}
	raw, err := files.ReadFile(folder + "/" + key + extension)
	if err != nil {
		return Template{}, fmt.Errorf("read template %s: %w", key, err)
	}
	return decode(key, raw)
}

func decode(key string, raw []byte) (Template, error) {
	var found Template
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&found); err != nil {
		return Template{}, fmt.Errorf("decode template %s: %w", key, err)
	}
	return found, nil
}

// All returns every template, sorted by key.
func All() ([]Template, error) {
	var all []Template
	for _, key := range Keys() {
		found, err := Find(key)
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	return all, nil
}

// Search returns the templates whose key, name or vendor contains a text, whatever its case, sorted by key.
func Search(text string) ([]Template, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	text = strings.ToLower(text)
	return slices.DeleteFunc(all, func(t Template) bool {
		return !strings.Contains(strings.ToLower(t.Key+"\n"+t.Name+"\n"+t.Vendor), text)
	}), nil
}

// unknown says that there is no such template, and which one may be meant.
func unknown(key string) string {
	similar := nearMisses(key)
	if len(similar) == 0 {
		return fmt.Sprintf("there is no template %q; the templates are: %s. Any other product is connected without one: leave template out", key, strings.Join(Keys(), ", "))
	}
	return fmt.Sprintf("there is no template %q; did you mean %s? The command templates list, and the data source provisioning_app_templates, show all", key, strings.Join(similar, " or "))
}

// longestKey is the longest text for which similar keys are looked for.
const longestKey = 64

// nearMisses returns the keys that differ little from a text, contain it, or have a word of it, sorted.
func nearMisses(text string) []string {
	given := strings.ToLower(strings.NewReplacer("_", "-", " ", "-").Replace(text))
	if given == "" || len(given) > longestKey {
		return nil
	}
	words := strings.Split(given, "-")
	allowed := 1 + len(given)/4
	return slices.DeleteFunc(Keys(), func(key string) bool {
		shared := slices.ContainsFunc(strings.Split(key, "-"), func(word string) bool { return len(word) > 2 && slices.Contains(words, word) })
		contained := len(given) > 2 && strings.Contains(key, given)
		return !shared && !contained && expression.Distance(given, key) > allowed
	})
}

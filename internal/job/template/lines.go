package template

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Line is one fact in words.
type Line struct {
	// Subject says what the fact is about, for example "users: delete".
	Subject string
	Value   string
	// Note is a sentence, or empty.
	Note   string
	Source string
}

// Lines returns every fact but the rows of the default mappings, in the order of the documents.
func (t Template) Lines() []Line {
	var lines []Line
	for _, base := range t.BaseURLs {
		lines = append(lines, lineOf("base_url", &base)...)
	}
	for _, kind := range t.Authentication {
		lines = append(lines, lineOf("authentication", &kind)...)
	}
	c := t.Connection
	lines = append(lines, lineOf("profile", c.Profile)...)
	lines = append(lines, lineOf("requests_per_second", c.RequestsPerSecond)...)
	lines = append(lines, lineOf("update_method", c.UpdateMethod)...)
	lines = append(lines, lineOf("bulk", c.Bulk)...)
	lines = append(lines, lineOf("members_per_patch", c.MembersPerPatch)...)
	lines = append(lines, lineOf("page_size", c.PageSize)...)
	for _, objectType := range directory.ObjectTypes() {
		if objects := t.Objects(objectType); objects != nil {
			lines = append(lines, objects.lines(string(objectType)+"s: ")...)
		}
	}
	for _, sentence := range t.Peculiarities {
		lines = append(lines, lineOf("peculiarity", &sentence)...)
	}
	return lines
}

func (o Objects) lines(prefix string) []Line {
	var lines []Line
	lines = append(lines, lineOf(prefix+"create", o.Create)...)
	lines = append(lines, lineOf(prefix+"update", o.Update)...)
	lines = append(lines, lineOf(prefix+"delete", o.Delete)...)
	lines = append(lines, lineOf(prefix+"disable", o.Disable)...)
	lines = append(lines, lineOf(prefix+"rename", o.Rename)...)
	lines = append(lines, lineOf(prefix+"members", o.Members)...)
	lines = append(lines, lineOf(prefix+"searchable", o.Searchable)...)
	lines = append(lines, lineOf(prefix+"required", o.Required)...)
	if o.Mapping != nil {
		attributes := Fact[string]{Value: fmt.Sprintf("%d attributes", len(o.Mapping.Value)), Note: o.Mapping.Note, Source: o.Mapping.Source}
		lines = append(lines, lineOf(prefix+"mapping", &attributes)...)
	}
	return lines
}

// lineOf returns a fact as a line, or none when it is not known.
func lineOf[T any](subject string, fact *Fact[T]) []Line {
	if fact == nil {
		return nil
	}
	line := Line{Subject: subject, Note: fact.Note, Source: fact.Source}
	switch value := any(fact.Value).(type) {
	case bool:
		line.Value = map[bool]string{true: "yes", false: "no"}[value]
	case float64:
		line.Value = strconv.FormatFloat(value, 'f', -1, 64)
	case []string:
		line.Value = strings.Join(value, ", ")
	default:
		line.Value = fmt.Sprint(value)
	}
	return []Line{line}
}

// URL returns where a source can be read.
func (s Source) URL() string {
	repository, path, inside := strings.Cut(s.Address, " ")
	if !inside {
		return s.Address
	}
	return "https://github.com/" + repository + "/blob/HEAD/" + path
}

package template

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Apply returns a definition with the values of its app's template filled in: the tables of mappings with the preset
// job.PresetTemplate, and what the connection leaves unset. What is set stays. The definition that is given is not changed.
// An app without a template takes nothing; a key that is not known is an Invalid error.
func Apply(d job.Definition) (job.Definition, error) {
	t, err := of(d.App)
	if err != nil {
		return d, err
	}
	d.Connection = t.connect(d.Connection)
	d.Mappings = slices.Clone(d.Mappings)
	for i := range d.Mappings {
		d.Mappings[i] = t.fill(d.Mappings[i])
	}
	return d, nil
}

// Fill returns a mapping of an app with its template's table, when its preset is job.PresetTemplate; any other mapping as it
// is. A key that is not known is an Invalid error.
func Fill(app job.App, m job.Mapping) (job.Mapping, error) {
	t, err := of(app)
	if err != nil {
		return m, err
	}
	return t.fill(m), nil
}

// of returns the template of an app, or an empty one.
func of(app job.App) (Template, error) {
	if app.Template == "" {
		return Template{}, nil
	}
	t, err := Find(app.Template)
	if err != nil {
		return Template{}, directory.Errorf(directory.Invalid, "app %s: template: %w", app.Key, err)
	}
	return t, nil
}

func (t Template) fill(m job.Mapping) job.Mapping {
	if m.Preset == job.PresetTemplate {
		m.TemplateRows = t.Mapping(m.ObjectType)
	}
	return m
}

// bulkOff is the bulk mode of a product that is known not to take bulk requests. One that is known to is asked first, which
// is the default (job.BulkModes).
const bulkOff = "off"

// connect fills in what a connection leaves unset.
func (t Template) connect(c job.Connection) job.Connection {
	c = c.WithProfile(known(t.Connection.Profile))
	if c.SCIM == nil {
		return c
	}
	filled := *c.SCIM
	filled.RateLimit.RequestsPerSecond = cmp.Or(filled.RateLimit.RequestsPerSecond, known(t.Connection.RequestsPerSecond))
	copes := &filled.Compatibility
	copes.UpdateMethod = cmp.Or(copes.UpdateMethod, known(t.Connection.UpdateMethod))
	copes.MembersPerPatch = cmp.Or(copes.MembersPerPatch, known(t.Connection.MembersPerPatch))
	if bulk := t.Connection.Bulk; bulk != nil && !bulk.Value {
		copes.Bulk = cmp.Or(copes.Bulk, bulkOff)
	}
	c.SCIM = &filled
	return c
}

// known returns a fact's value, or the zero value when there is no fact.
func known[T any](fact *Fact[T]) T {
	if fact == nil {
		var none T
		return none
	}
	return fact.Value
}

// Warnings says what of a definition, with the values of its app's template filled in, does not agree with the template, as
// sentences. It is legal: an endpoint may be reached through a gateway, and documents grow old. disables is how many accounts the
// plan shows as disabled.
func Warnings(d job.Definition, disables int) []string {
	t, err := of(d.App)
	if err != nil || t.Key == "" || d.Connection.SCIM == nil {
		return nil
	}
	var warnings []string
	var forms []string
	for _, form := range t.BaseURLs {
		forms = append(forms, form.Value)
	}
	if base := d.Connection.SCIM.BaseURL; len(forms) > 0 && !slices.ContainsFunc(forms, func(form string) bool { return HasForm(form, base) }) {
		warnings = append(warnings, fmt.Sprintf("The base_url of connection %s does not have the form that is documented for %s: %s.",
			d.Connection.ID(), t.Name, strings.Join(forms, " or ")))
	}
	var kinds []string
	for _, kind := range t.Authentication {
		kinds = append(kinds, kind.Value)
	}
	if kind := authentication(*d.Connection.SCIM); kind != "" && !slices.Contains(kinds, kind) {
		warnings = append(warnings, fmt.Sprintf("The connection %s signs in with %s; for %s the documented ways are: %s.",
			d.Connection.ID(), kind, t.Name, strings.Join(kinds, ", ")))
	}
	for _, m := range d.Mappings {
		warnings = append(warnings, t.doubts(m)...)
	}
	return append(warnings, t.farewell(disables)...)
}

// farewell says that a product keeps nobody whom a plan only disables.
func (t Template) farewell(disables int) []string {
	disable := t.Users.Disable
	if disables == 0 || disable == nil || disable.Value != "delete" {
		return nil
	}
	note := ""
	if disable.Note != "" {
		note = " (" + strings.TrimSuffix(disable.Note, ".") + ")"
	}
	return []string{fmt.Sprintf("For %s it is documented that an account is deleted when it is disabled%s. What is shown as disable cannot be undone there; accounts concerned: %d.",
		t.Name, note, disables)}
}

// doubts says why creating the objects of a mapping may fail.
func (t Template) doubts(m job.Mapping) []string {
	objects := t.Objects(m.ObjectType)
	if objects == nil || !m.Enabled || !m.Actions.Create {
		return nil
	}
	if objects.Create != nil && !objects.Create.Value {
		return []string{fmt.Sprintf("Mapping %s creates %ss; for %s it is documented that they cannot be created through SCIM: leave create out of its actions.",
			m.ID(), m.ObjectType, t.Name)}
	}
	var missing []string
	for _, required := range known(objects.Required) {
		if !slices.ContainsFunc(m.Effective(), func(row job.AttributeMapping) bool { return writes(row.Target, required) }) {
			missing = append(missing, required)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Mapping %s does not write what %s is documented to require of a %s: %s. Creating accounts may fail.",
		m.ID(), t.Name, m.ObjectType, strings.Join(missing, ", "))}
}

// writes reports whether a mapping to a target writes an attribute: whole, by a part of it, or in an extension.
func writes(target, attribute string) bool {
	rest, same := strings.CutPrefix(strings.ToLower(target), strings.ToLower(attribute))
	return same && (rest == "" || rest[0] == '.' || rest[0] == '[') || strings.HasSuffix(strings.ToLower(target), ":"+strings.ToLower(attribute))
}

// authentication returns the kind a connection signs in with; empty: it does not.
func authentication(c job.SCIMConnection) string {
	switch {
	case c.OAuth2 != nil:
		return ClientCredentials
	case c.Basic != nil:
		return Basic
	case c.TokenVersion > 0:
		return Bearer
	default:
		return ""
	}
}

package template_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

func all(t *testing.T) []template.Template {
	t.Helper()
	found, err := template.All()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// What the issue asks for, and that the file's name is the key.
func TestTheCatalogue(t *testing.T) {
	t.Parallel()
	if keys := template.Keys(); len(keys) < 22 || !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
		t.Errorf("%d keys: %v", len(keys), keys)
	}
	for _, one := range all(t) {
		if !slices.Contains(template.Keys(), one.Key) || job.ValidateKey("template", one.Key) != nil {
			t.Errorf("key %q", one.Key)
		}
	}
}

// fact is what all facts have, whatever their value.
type fact struct {
	path         string
	note, source string
}

// facts finds every Fact of a template, wherever it is: a new field cannot be forgotten.
func facts(path string, v reflect.Value) []fact {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return facts(path, v.Elem())
	case reflect.Slice:
		var found []fact
		for i := range v.Len() {
			found = append(found, facts(fmt.Sprintf("%s[%d]", path, i), v.Index(i))...)
		}
		return found
	case reflect.Struct:
		if strings.HasPrefix(v.Type().Name(), "Fact[") {
			return []fact{{path, v.FieldByName("Note").String(), v.FieldByName("Source").String()}}
		}
		var found []fact
		for i := range v.NumField() {
			found = append(found, facts(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
		return found
	default:
		return nil
	}
}

func TestEveryFactHasASource(t *testing.T) {
	t.Parallel()
	address := regexp.MustCompile(`^(https://[^ ]+|[A-Za-z0-9-]+/[A-Za-z0-9._-]+ [^ ]+)$`)
	for _, one := range all(t) {
		status := map[string]template.Status{}
		for _, source := range one.Sources {
			if _, twice := status[source.Name]; twice || !address.MatchString(source.Address) || source.Status != template.Documented && source.Status != template.Reported {
				t.Errorf("%s: source %+v", one.Key, source)
			}
			if _, err := time.Parse(time.DateOnly, source.Dated); source.Dated != "" && err != nil {
				t.Errorf("%s: source %s: %v", one.Key, source.Name, err)
			}
			status[source.Name] = source.Status
		}
		if !slices.IsSortedFunc(one.Sources, func(a, b template.Source) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: sources are not sorted", one.Key)
		}
		used := map[string]bool{}
		found := facts("", reflect.ValueOf(one))
		if len(found) < 6 {
			t.Errorf("%s: %d facts", one.Key, len(found))
		}
		for _, f := range found {
			used[f.source] = true
			if status[f.source] == "" {
				t.Errorf("%s%s: no source %q", one.Key, f.path, f.source)
			}
			if f.note != "" && !strings.HasSuffix(f.note, ".") {
				t.Errorf("%s%s: the note %q is not a sentence", one.Key, f.path, f.note)
			}
		}
		for name := range status {
			if !used[name] {
				t.Errorf("%s: nothing comes from source %q", one.Key, name)
			}
		}
		if want := wellEstablished(one, status); one.Status != want {
			t.Errorf("%s: status %s, want %s", one.Key, one.Status, want)
		}
	}
}

// wellEstablished is the rule of Template.Status.
func wellEstablished(one template.Template, status map[string]template.Status) template.Status {
	deciding := []string{one.Users.Mapping.Source}
	if one.Groups != nil && one.Groups.Mapping != nil {
		deciding = append(deciding, one.Groups.Mapping.Source)
	}
	if len(one.BaseURLs) > 0 {
		deciding = append(deciding, one.BaseURLs[0].Source)
	}
	if slices.ContainsFunc(deciding, func(source string) bool { return status[source] != template.Documented }) {
		return template.Reported
	}
	return template.Documented
}

func TestValues(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^https://[a-z0-9.{}_-]+(/[A-Za-z0-9.{}_-]+)*$`)
	for _, one := range all(t) {
		if one.Name == "" || one.Vendor == "" || len(one.Documentation) == 0 || len(one.Authentication) == 0 {
			t.Errorf("%s is not complete", one.Key)
		}
		for _, link := range one.Documentation {
			if !strings.HasPrefix(link, "https://") {
				t.Errorf("%s: %s", one.Key, link)
			}
		}
		for _, base := range one.BaseURLs {
			if !form.MatchString(base.Value) || !template.HasForm(base.Value, strings.NewReplacer("{", "", "}", "").Replace(base.Value)) {
				t.Errorf("%s: base URL %s", one.Key, base.Value)
			}
		}
		for _, kind := range one.Authentication {
			if !slices.Contains(template.AuthenticationKinds(), kind.Value) {
				t.Errorf("%s: authentication %q", one.Key, kind.Value)
			}
		}
		c := one.Connection
		if c.Profile != nil && !slices.Contains([]string{"rfc", "entra", "entra-compliant"}, c.Profile.Value) || c.Profile != nil && c.Profile.Note == "" {
			t.Errorf("%s: profile %+v", one.Key, *c.Profile)
		}
		if c.UpdateMethod != nil && !slices.Contains([]string{"patch", "put"}, c.UpdateMethod.Value) {
			t.Errorf("%s: update method %+v", one.Key, *c.UpdateMethod)
		}
		if c.RequestsPerSecond != nil && !(c.RequestsPerSecond.Value > 0) || c.MembersPerPatch != nil && c.MembersPerPatch.Value < 1 || c.PageSize != nil && c.PageSize.Value < 1 {
			t.Errorf("%s: limits", one.Key)
		}
		for _, sentence := range one.Peculiarities {
			if !strings.HasSuffix(sentence.Value, ".") || len(sentence.Value) > 160 {
				t.Errorf("%s: %q is not a short sentence", one.Key, sentence.Value)
			}
		}
		words := []string{"delete", "deactivate", "none"}
		for _, said := range []*template.Fact[string]{one.Users.Delete, one.Users.Disable} {
			if said != nil && !slices.Contains(words, said.Value) {
				t.Errorf("%s: %q is none of %v", one.Key, said.Value, words)
			}
		}
		if one.Users.Rename != nil || one.Users.Members != nil || one.Groups != nil && one.Groups.Disable != nil {
			t.Errorf("%s says of users what only groups have, or the other way round", one.Key)
		}
	}
}

// person and team stand for what a source knows; every expression has to make something of them.
func sample(name string) directory.Value {
	values := map[string]string{
		"userPrincipalName": "ada@example.com", "IsSoftDeleted": "False", "displayName": "Ada Lovelace", "jobTitle": "Analyst", "mail": "ada@example.com",
		"preferredLanguage": "en-GB", "givenName": "Ada", "surname": "Lovelace", "physicalDeliveryOfficeName": "12", "streetAddress": "1 High Street",
		"city": "London", "state": "London", "postalCode": "N1", "country": "GB", "telephoneNumber": "1", "mobile": "2", "facsimileTelephoneNumber": "3",
		"mailNickname": "ada", "objectId": "0f", "employeeId": "7", "department": "Engines", "manager": "0e", "members": "0d",
	}
	return directory.Text(values[name])
}

// Every default mapping passes the engine's own rules, is sorted, and evaluates to something.
func TestDefaultMappings(t *testing.T) {
	t.Parallel()
	for _, one := range all(t) {
		if len(one.Mapping(directory.User)) == 0 {
			t.Errorf("%s maps nothing of users", one.Key)
		}
		for _, objectType := range directory.ObjectTypes() {
			rows := one.Mapping(objectType)
			if len(rows) == 0 {
				continue
			}
			mapping := job.Mapping{
				AppKey: "app", ObjectType: objectType, Enabled: true, Actions: job.Actions{Create: true, Update: true, Delete: true},
				Preset: job.PresetTemplate, TemplateRows: rows,
			}
			for _, problem := range append(mapping.Problems(), mapping.Warnings()...) {
				t.Errorf("%s, %s: %+v", one.Key, objectType, problem)
			}
			if !slices.IsSortedFunc(rows, func(a, b job.AttributeMapping) int { return strings.Compare(a.Target, b.Target) }) {
				t.Errorf("%s, %s: not sorted", one.Key, objectType)
			}
			for _, row := range rows {
				parsed, err := expression.Parse(row.Expression)
				if err != nil {
					t.Errorf("%s, %s: %v", one.Key, row.Target, err)
					continue
				}
				if value, err := parsed.Evaluate(expression.Environment{Attribute: sample}); err != nil || value.String() == "" {
					t.Errorf("%s, %s: %v, %v", one.Key, row.Target, value, err)
				}
			}
		}
	}
}

// A required attribute of users is mapped: whole, or by a part of it.
func TestRequiredAttributesAreMapped(t *testing.T) {
	t.Parallel()
	for _, one := range all(t) {
		for _, objectType := range directory.ObjectTypes() {
			objects := one.Objects(objectType)
			if objects == nil || objects.Required == nil {
				continue
			}
			if !slices.IsSorted(objects.Required.Value) {
				t.Errorf("%s: the required attributes are not sorted", one.Key)
			}
			for _, required := range objects.Required.Value {
				mapped := slices.ContainsFunc(one.Mapping(objectType), func(row job.AttributeMapping) bool {
					return row.Target == required || strings.HasPrefix(row.Target, required+".") || strings.HasPrefix(row.Target, required+"[") || strings.HasSuffix(row.Target, ":"+required)
				})
				if !mapped {
					t.Errorf("%s, %s: %s is required and not mapped", one.Key, objectType, required)
				}
			}
		}
	}
}

// The documents hold nothing that the types do not know, which would be lost silently, and are written as json would.
func TestDocumentsAreRoundTrips(t *testing.T) {
	t.Parallel()
	for _, one := range all(t) {
		first, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		var again template.Template
		if err := json.Unmarshal(first, &again); err != nil || !reflect.DeepEqual(one, again) {
			t.Errorf("%s: %v", one.Key, err)
		}
	}
}

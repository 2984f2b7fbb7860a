package job_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

func pointer[T any](v T) *T { return &v }

// definition makes a valid definition that uses every field; change may alter it.
func definition(change ...func(*job.Definition)) job.Definition {
	d := job.Definition{
		ID: "wiki/main", Name: "main", App: job.App{Key: "wiki", DisplayName: "Wiki"},
		Source: job.Source{Key: "people", File: &job.FileSource{Path: "people.csv", Format: "csv", GroupsColumn: "teams"}},
		Connection: job.Connection{AppKey: "wiki", Name: "scim", SCIM: &job.SCIMConnection{
			BaseURL: "https://wiki.example.com/scim", TokenVersion: 3, Profile: "rfc",
			RateLimit: job.RateLimit{RequestsPerSecond: 2.5, Concurrency: 4}, TLS: job.TLS{CABundlePEM: "pem", ServerName: "wiki"},
		}},
		Mappings: []job.Mapping{
			{AppKey: "wiki", ObjectType: directory.Group, Enabled: true, Actions: job.Actions{Create: true}, Attributes: []job.AttributeMapping{
				{Target: "displayName", Expression: "[displayName]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
			}},
			{AppKey: "wiki", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true, Update: true, Delete: true}, Attributes: []job.AttributeMapping{
				{Target: "title", Expression: "[jobTitle]", DefaultValue: pointer("none"), FlowType: job.FlowObjectAddOnly},
				{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
			}},
		},
		Filters: []job.Filter{{AppKey: "wiki", Name: "sales", ObjectType: directory.User, Clauses: []scope.Clause{
			{Attribute: "department", Operator: scope.Equals, Values: []string{"Sales"}},
		}}},
		Assignments: []job.Assignment{{AppKey: "wiki", Name: "staff", Users: []directory.Anchor{"ada"}, Groups: []directory.Anchor{"g1"}}},
		Scope:       scope.ModeAssigned, State: job.Started, Run: job.RunOnApply,
		Limits:    job.Limits{MaxDisable: pointer(int64(3)), MaxDelete: pointer(int64(2)), MaxPercent: pointer(1.5)},
		OnDestroy: job.DestroyKeep, Unplanned: job.HoldUnplanned, SkipOutOfScopeDeletions: true,
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

// edits change one field each. evaluates says that the field decides about objects.
var edits = []struct {
	name      string
	edit      func(*job.Definition)
	evaluates bool
}{
	{"id", func(d *job.Definition) { d.ID = "wiki/other" }, true},
	{"name", func(d *job.Definition) { d.Name = "other" }, false},
	{"app key", func(d *job.Definition) { d.App.Key = "x" }, false},
	{"app display name", func(d *job.Definition) { d.App.DisplayName = "x" }, false},
	{"app template", func(d *job.Definition) { d.App.Template = "x" }, false},
	{"source key", func(d *job.Definition) { d.Source.Key = "x" }, true},
	{"source path", func(d *job.Definition) { d.Source.File.Path = "x" }, true},
	{"source format", func(d *job.Definition) { d.Source.File.Format = "json" }, true},
	{"source groups column", func(d *job.Definition) { d.Source.File.GroupsColumn = "x" }, true},
	{"connection app", func(d *job.Definition) { d.Connection.AppKey = "x" }, false},
	{"connection name", func(d *job.Definition) { d.Connection.Name = "x" }, false},
	{"connection url", func(d *job.Definition) { d.Connection.SCIM.BaseURL = "x" }, false},
	{"connection token", func(d *job.Definition) { d.Connection.SCIM.TokenVersion = 4 }, false},
	{"connection profile", func(d *job.Definition) { d.Connection.SCIM.Profile = "entra" }, true},
	{"connection rate", func(d *job.Definition) { d.Connection.SCIM.RateLimit.RequestsPerSecond = 9 }, false},
	{"connection concurrency", func(d *job.Definition) { d.Connection.SCIM.RateLimit.Concurrency = 9 }, false},
	{"connection certificates", func(d *job.Definition) { d.Connection.SCIM.TLS.CABundlePEM = "x" }, false},
	{"connection server name", func(d *job.Definition) { d.Connection.SCIM.TLS.ServerName = "x" }, false},
	{"connection burst", func(d *job.Definition) { d.Connection.SCIM.RateLimit.Burst = 9 }, false},
	{"connection TLS version", func(d *job.Definition) { d.Connection.SCIM.TLS.MinVersion = "1.3" }, false},
	{"connection certificate", func(d *job.Definition) { d.Connection.SCIM.TLS.ClientCertificatePEM = "x" }, false},
	{"connection key", func(d *job.Definition) { d.Connection.SCIM.TLS.ClientKeyVersion = 1 }, false},
	{"connection password", func(d *job.Definition) { d.Connection.SCIM.Basic = &job.BasicAuth{PasswordVersion: 1} }, false},
	{"connection password again", func(d *job.Definition) { d.Connection.SCIM.Basic = &job.BasicAuth{PasswordVersion: 2} }, false},
	{"connection client secret", func(d *job.Definition) { d.Connection.SCIM.OAuth2 = &job.OAuth2{ClientSecretVersion: 1} }, false},
	{"connection client secret again", func(d *job.Definition) { d.Connection.SCIM.OAuth2 = &job.OAuth2{ClientSecretVersion: 2} }, false},
	{"connection private key", func(d *job.Definition) { d.Connection.SCIM.OAuth2 = &job.OAuth2{PrivateKeyVersion: 1} }, false},
	{"connection scopes", func(d *job.Definition) { d.Connection.SCIM.OAuth2 = &job.OAuth2{Scopes: []string{"x"}} }, false},
	{"connection token parameters", func(d *job.Definition) {
		d.Connection.SCIM.OAuth2 = &job.OAuth2{TokenParameters: map[string]string{"resource": "x"}}
	}, false},
	{"connection proxy", func(d *job.Definition) { d.Connection.SCIM.Proxy = &job.Proxy{URL: "x"} }, false},
	{"connection proxy password", func(d *job.Definition) { d.Connection.SCIM.Proxy = &job.Proxy{URL: "x", PasswordVersion: 1} }, false},
	{"connection headers", func(d *job.Definition) { d.Connection.SCIM.Headers = map[string]string{"X-Tenant": "2"} }, false},
	{"connection timeout", func(d *job.Definition) { d.Connection.SCIM.TimeoutSeconds = 6 }, false},
	{"connection compatibility", func(d *job.Definition) { d.Connection.SCIM.Compatibility.NotFoundIsEmpty = true }, false},
	{"mapping app", func(d *job.Definition) { d.Mappings[1].AppKey = "x" }, true},
	{"mapping type", func(d *job.Definition) { d.Mappings[0].ObjectType = "device" }, true},
	{"mapping off", func(d *job.Definition) { d.Mappings[0].Enabled = false }, true},
	{"create off", func(d *job.Definition) { d.Mappings[1].Actions.Create = false }, true},
	{"update off", func(d *job.Definition) { d.Mappings[1].Actions.Update = false }, true},
	{"delete off", func(d *job.Definition) { d.Mappings[1].Actions.Delete = false }, true},
	{"mapping removed", func(d *job.Definition) { d.Mappings = d.Mappings[1:] }, true},
	{"target", func(d *job.Definition) { d.Mappings[1].Attributes[0].Target = "x" }, true},
	{"expression", func(d *job.Definition) { d.Mappings[1].Attributes[0].Expression = "[x]" }, true},
	{"default", func(d *job.Definition) { d.Mappings[1].Attributes[0].DefaultValue = pointer("x") }, true},
	{"default emptied", func(d *job.Definition) { d.Mappings[1].Attributes[0].DefaultValue = pointer("") }, true},
	{"default removed", func(d *job.Definition) { d.Mappings[1].Attributes[0].DefaultValue = nil }, true},
	{"row of a template", func(d *job.Definition) { d.Mappings[1].TemplateRows = []job.AttributeMapping{{Target: "x"}} }, true},
	{"precedence", func(d *job.Definition) { d.Mappings[1].Attributes[1].MatchingPrecedence = 2 }, true},
	{"flow type", func(d *job.Definition) { d.Mappings[1].Attributes[0].FlowType = job.FlowAttributeAddOnly }, true},
	{"filter name", func(d *job.Definition) { d.Filters[0].Name = "x" }, true},
	{"filter type", func(d *job.Definition) { d.Filters[0].ObjectType = directory.Group }, true},
	{"clause attribute", func(d *job.Definition) { d.Filters[0].Clauses[0].Attribute = "x" }, true},
	{"clause operator", func(d *job.Definition) { d.Filters[0].Clauses[0].Operator = scope.NotEquals }, true},
	{"clause values", func(d *job.Definition) { d.Filters[0].Clauses[0].Values = []string{"Sales", "HR"} }, true},
	{"filters removed", func(d *job.Definition) { d.Filters = nil }, true},
	{"assigned users", func(d *job.Definition) { d.Assignments[0].Users = nil }, true},
	{"assigned groups", func(d *job.Definition) { d.Assignments[0].Groups = []directory.Anchor{"g2"} }, true},
	{"scope", func(d *job.Definition) { d.Scope = scope.ModeAll }, true},
	{"state", func(d *job.Definition) { d.State = job.Paused }, false},
	{"run", func(d *job.Definition) { d.Run = job.RunManually }, false},
	{"max disable", func(d *job.Definition) { d.Limits.MaxDisable = pointer(int64(4)) }, false},
	{"max delete", func(d *job.Definition) { d.Limits.MaxDelete = nil }, false},
	{"percent floor", func(d *job.Definition) { d.Limits.PercentFloor = pointer(int64(20)) }, false},
	{"max percent", func(d *job.Definition) { d.Limits.MaxPercent = pointer(1.6) }, false},
	{"on destroy", func(d *job.Definition) { d.OnDestroy = job.DestroyDelete }, false},
	{"on unplanned", func(d *job.Definition) { d.Unplanned = job.FailUnplanned }, false},
	{"flow behavior", func(d *job.Definition) { d.Mappings[1].Attributes[0].FlowBehavior = job.FlowInEveryUpdate }, true},
	{"flow null values", func(d *job.Definition) { d.Mappings[1].Attributes[0].FlowNullValues = true }, true},
	{"preset", func(d *job.Definition) { d.Mappings[1].Preset = job.PresetEntra }, true},
	{"exclude", func(d *job.Definition) { d.Mappings[1].Exclude = []string{"title"} }, true},
	{"source attributes", func(d *job.Definition) { d.Mappings[1].SourceAttributes = []job.SourceAttribute{{Name: "x"}} }, true},
	{"target attributes", func(d *job.Definition) { d.Mappings[1].TargetAttributes = []job.TargetAttribute{{Name: "x"}} }, true},
	{"default domain", func(d *job.Definition) { d.Source.DefaultDomain = "x" }, true},
	{"nested groups", func(d *job.Definition) { d.NestedGroups = true }, true},
	{"parameters", func(d *job.Definition) { d.Parameters = map[string]string{"x": "y"} }, true},
	{"skip out of scope", func(d *job.Definition) { d.SkipOutOfScopeDeletions = false }, true},
}

func TestDigestsFollowEveryField(t *testing.T) {
	t.Parallel()
	digest, evaluation := definition().Digest(), definition().EvaluationDigest()
	seen := map[string]string{digest: "nothing"}
	for _, test := range edits {
		edited := definition(test.edit)
		if other, taken := seen[edited.Digest()]; taken {
			t.Errorf("changing %s gives the digest of changing %s", test.name, other)
		}
		seen[edited.Digest()] = test.name
		if changed := edited.EvaluationDigest() != evaluation; changed != test.evaluates {
			t.Errorf("changing %s: evaluation digest changed %v, want %v", test.name, changed, test.evaluates)
		}
	}
}

func TestMappingsDigestFollowsMappingsOnly(t *testing.T) {
	t.Parallel()
	for _, test := range edits {
		edited := definition(test.edit)
		changed := edited.MappingsDigest() != definition().MappingsDigest()
		if want := !cmp.Equal(edited.Mappings, definition().Mappings); changed != want {
			t.Errorf("changing %s: mappings digest changed %v, want %v", test.name, changed, want)
		}
	}
}

func TestDigestIsStable(t *testing.T) {
	t.Parallel()
	const want = "sha256:ab92d6bf5d5a811eeeb0e947dff28b30057829024597c4da0e4a8f2948e9968e"
	if got := definition().Digest(); got != want {
		t.Errorf("the digest of a definition changed: stored jobs would all look different\ngot  %s\nwant %s", got, want)
	}
	document, err := json.Marshal(definition())
	if err != nil {
		t.Fatal(err)
	}
	var stored job.Definition
	if err := json.Unmarshal(document, &stored); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(definition(), stored); diff != "" {
		t.Errorf("a stored definition differs (-want +got):\n%s", diff)
	}
	if stored.Digest() != want || stored.EvaluationDigest() != definition().EvaluationDigest() {
		t.Error("a stored definition has another digest")
	}
}

func TestCopyID(t *testing.T) {
	t.Parallel()
	source := func(change func(*job.Source)) job.Source {
		s := definition().Source
		if change != nil {
			change(&s)
		}
		return s
	}
	own := source(nil).CopyID()
	if !regexp.MustCompile(`^people@[0-9a-f]{16}$`).MatchString(own) || own != source(nil).CopyID() {
		t.Fatalf("copy id %q", own)
	}
	for name, change := range map[string]func(*job.Source){
		"key":    func(s *job.Source) { s.Key = "staff" },
		"path":   func(s *job.Source) { s.File.Path = "other.csv" },
		"format": func(s *job.Source) { s.File.Format = "json" },
		"column": func(s *job.Source) { s.File.GroupsColumn = "x" },
	} {
		if source(change).CopyID() == own {
			t.Errorf("another %s is the same copy", name)
		}
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	if got := definition().Connection.Endpoint(); got != "scim https://wiki.example.com/scim" {
		t.Errorf("endpoint %q", got)
	}
	same := definition(func(d *job.Definition) {
		d.Connection.SCIM.TokenVersion, d.Connection.SCIM.Profile, d.Connection.Name = 9, "entra", "other"
	})
	if same.Connection.Endpoint() != definition().Connection.Endpoint() {
		t.Error("another token reaches another system")
	}
	for address, want := range map[string]string{
		"https://wiki.example.com/scim/":                                       "https://wiki.example.com/scim",
		"https://wiki.example.com/scim//":                                      "https://wiki.example.com/scim",
		"HTTPS://Wiki.Example.COM:443/scim":                                    "https://wiki.example.com/scim",
		"https://wiki.example.com/scim?aadOptscim062020":                       "https://wiki.example.com/scim",
		"https://wiki.example.com/scim/?AzureAdScimPatch2017&aadOptscim062020": "https://wiki.example.com/scim",
		"https://wiki.example.com:8443/scim":                                   "https://wiki.example.com:8443/scim",
		"https://wiki.example.com/SCIM":                                        "https://wiki.example.com/SCIM",
		"https://wiki.example.com/a%2Fb/":                                      "https://wiki.example.com/a%2Fb",
		"http://[::1]:80/":                                                     "http://[::1]",
		"http://localhost":                                                     "http://localhost",
		"https://wiki.example.com/scim?tenant=1":                               "https://wiki.example.com/scim?tenant=1",
		"no address":                                                           "no address",
	} {
		c := definition(func(d *job.Definition) { d.Connection.SCIM.BaseURL = address }).Connection
		if got := c.Endpoint(); got != "scim "+want {
			t.Errorf("%s is the endpoint %q", address, got)
		}
	}
	if got := (job.Connection{}).Endpoint(); got != "" {
		t.Errorf("no connection reaches %q", got)
	}
}

func TestLookUps(t *testing.T) {
	t.Parallel()
	d := definition(func(d *job.Definition) {
		d.Mappings[0].Enabled = false
		d.Filters = append(d.Filters, job.Filter{AppKey: "wiki", Name: "teams", ObjectType: directory.Group})
	})
	if mapping, ok := d.Mapping(directory.User); !ok || mapping.ID() != "wiki/user" {
		t.Errorf("user mapping %s, %v", mapping.ID(), ok)
	}
	if mapping, ok := d.Mapping(directory.Group); ok || mapping.ID() != "wiki/group" {
		t.Errorf("disabled group mapping %s, %v", mapping.ID(), ok)
	}
	if _, ok := (job.Definition{}).Mapping(directory.User); ok {
		t.Error("a mapping out of nothing")
	}
	if diff := cmp.Diff([]scope.Filter{{Name: "teams"}}, d.FiltersOf(directory.Group)); diff != "" {
		t.Errorf("group filters (-want +got):\n%s", diff)
	}
	ids := []string{d.App.ID(), d.Source.ID(), d.Connection.ID(), d.Filters[0].ID(), d.Assignments[0].ID()}
	if diff := cmp.Diff([]string{"wiki", "people", "wiki/scim", "wiki/sales", "wiki/staff"}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

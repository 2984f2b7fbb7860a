package template_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

// definition has a connection that says nothing, and mappings with each kind of table.
func definition(key string, change ...func(*job.Definition)) job.Definition {
	d := job.Definition{
		ID: "crm/main", App: job.App{Key: "crm", Template: key},
		Connection: job.Connection{AppKey: "crm", Name: "scim", SCIM: &job.SCIMConnection{BaseURL: "https://api.slack.com/scim/v2", TokenVersion: 1}},
		Mappings: []job.Mapping{
			{AppKey: "crm", ObjectType: directory.Group, Preset: job.PresetTemplate},
			{AppKey: "crm", ObjectType: directory.User, Preset: job.PresetEntra},
		},
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func TestApply(t *testing.T) {
	t.Parallel()
	own := func(d *job.Definition) {
		d.Connection.SCIM.Profile, d.Connection.SCIM.RateLimit = "entra", job.RateLimit{RequestsPerSecond: 100, Concurrency: 2}
		d.Connection.SCIM.Compatibility = job.Compatibility{UpdateMethod: "put", Bulk: "auto", MembersPerPatch: 7, VerifyMembers: true}
	}
	tests := []struct {
		name        string
		given       job.Definition
		profile     string
		rate        job.RateLimit
		copes       job.Compatibility
		groupsTable []string
	}{
		// data/slack.json: 180 a minute, and no word on the profile.
		{"what is unset comes from the template", definition("slack"), "rfc", job.RateLimit{RequestsPerSecond: 3},
			job.Compatibility{UpdateMethod: "patch"}, []string{"displayName", "members"}},
		{"what is set stays", definition("slack", own), "entra", job.RateLimit{RequestsPerSecond: 100, Concurrency: 2},
			job.Compatibility{UpdateMethod: "put", Bulk: "auto", MembersPerPatch: 7, VerifyMembers: true}, []string{"displayName", "members"}},
		// data/new-relic.json: operations with a capital, no bulk requests.
		{"a profile", definition("new-relic"), "entra", job.RateLimit{}, job.Compatibility{UpdateMethod: "patch", Bulk: "off"}, []string{"displayName", "members"}},
		// data/aws-iam-identity-center.json: at most 100 changes of members.
		{"members", definition("aws-iam-identity-center"), "rfc", job.RateLimit{}, job.Compatibility{UpdateMethod: "patch", Bulk: "off", MembersPerPatch: 100},
			[]string{"displayName", "externalId", "members"}},
		// data/webex.json: bulk requests are taken, so they are used when they are announced.
		{"bulk", definition("webex"), "rfc", job.RateLimit{}, job.Compatibility{UpdateMethod: "patch"}, []string{"displayName", "externalId", "members"}},
		{"a product without groups", definition("smartsheet"), "rfc", job.RateLimit{}, job.Compatibility{}, nil},
		{"no template", definition(""), "rfc", job.RateLimit{}, job.Compatibility{}, nil},
	}
	for _, test := range tests {
		before := definition("")
		before.App, before.Connection.SCIM = test.given.App, new(job.SCIMConnection)
		*before.Connection.SCIM = *test.given.Connection.SCIM
		got, err := template.Apply(test.given)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(before, test.given); diff != "" {
			t.Errorf("%s: the definition itself changed:\n%s", test.name, diff)
		}
		if s := got.Connection.SCIM; s.Profile != test.profile || s.RateLimit != test.rate || s.Compatibility != test.copes || s.BaseURL != "https://api.slack.com/scim/v2" {
			t.Errorf("%s: %+v", test.name, s)
		}
		var table []string
		for _, row := range got.Mappings[0].TemplateRows {
			table = append(table, row.Target)
		}
		if diff := cmp.Diff(test.groupsTable, table); diff != "" || got.Mappings[1].TemplateRows != nil {
			t.Errorf("%s: %v\n%s", test.name, got.Mappings, diff)
		}
		if again, err := template.Apply(got); err != nil || again.Digest() != got.Digest() {
			t.Errorf("%s: applied twice it is something else: %v", test.name, err)
		}
	}
	if _, err := template.Apply(definition("slak")); !errors.Is(err, directory.Invalid) || !strings.Contains(err.Error(), "app crm: template: there is no template") {
		t.Error(err)
	}
	if without, err := template.Apply(job.Definition{App: job.App{Template: "slack"}}); err != nil || without.Connection.SCIM != nil {
		t.Errorf("%+v, %v", without, err)
	}
}

// The digest is that of the values: another template is another definition, and so is another table under the same name.
func TestTheDigestIsThatOfTheValues(t *testing.T) {
	t.Parallel()
	slack, err := template.Apply(definition("slack"))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := template.Apply(definition("slack"))
	if err != nil {
		t.Fatal(err)
	}
	changed.Mappings[0].TemplateRows[0].Expression = "[mailNickname]"
	if slack.Digest() == changed.Digest() || slack.EvaluationDigest() == changed.EvaluationDigest() {
		t.Error("a changed table does not show")
	}
	other, err := template.Apply(definition("airtable"))
	if err != nil || other.Digest() == slack.Digest() {
		t.Errorf("another template does not show: %v", err)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	at := func(address string) func(*job.Definition) {
		return func(d *job.Definition) { d.Connection.SCIM.BaseURL = address }
	}
	creating := func(d *job.Definition) {
		for i := range d.Mappings {
			d.Mappings[i].Preset, d.Mappings[i].Enabled, d.Mappings[i].Actions.Create = job.PresetTemplate, true, true
		}
		filled, err := template.Apply(*d)
		if err != nil {
			t.Fatal(err)
		}
		*d = filled
	}
	for _, test := range []struct {
		name  string
		given job.Definition
		// disables is how many accounts the plan disables.
		disables int
		want     []string
	}{
		{"as documented", definition("slack"), 0, nil},
		{"elsewhere", definition("slack", at("https://gateway.example.com/slack")), 0, []string{
			"The base_url of connection crm/scim does not have the form that is documented for Slack: https://api.slack.com/scim/v2.",
		}},
		{"another way to sign in", definition("slack", func(d *job.Definition) { d.Connection.SCIM.TokenVersion, d.Connection.SCIM.OAuth2 = 0, &job.OAuth2{} }), 0, []string{
			"The connection crm/scim signs in with client_credentials; for Slack the documented ways are: bearer.",
		}},
		{"and another", definition("slack", func(d *job.Definition) { d.Connection.SCIM.TokenVersion, d.Connection.SCIM.Basic = 0, &job.BasicAuth{} }), 0, []string{
			"The connection crm/scim signs in with basic; for Slack the documented ways are: bearer.",
		}},
		{"one of two ways", definition("databricks", at("https://accounts.cloud.databricks.com/api/2.0/accounts/1/scim/v2"), func(d *job.Definition) {
			d.Connection.SCIM.TokenVersion, d.Connection.SCIM.OAuth2 = 0, &job.OAuth2{}
		}), 0, nil},
		{"no credentials yet", definition("slack", func(d *job.Definition) { d.Connection.SCIM.TokenVersion = 0 }), 0, nil},
		{"one of several forms", definition("github-enterprise-managed-users", at("https://api.acme.ghe.com/scim/v2/enterprises/acme")), 0, nil},
		{"no form is known", definition("zscaler-internet-access", at("https://anything.example.com")), 0, nil},
		{"what cannot be created", definition("salesforce", at("https://acme.my.salesforce.com/services/scim/v2"), creating), 0, []string{
			"Mapping crm/group creates groups; for Salesforce it is documented that they cannot be created through SCIM: leave create out of its actions.",
		}},
		{"nothing is created", definition("salesforce", at("https://acme.my.salesforce.com/services/scim/v2")), 0, nil},
		{"what is required is not written", definition("airtable", at("https://airtable.com/scim/v2"), creating, func(d *job.Definition) {
			d.Mappings[1] = job.Mapping{AppKey: "crm", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true}, Attributes: []job.AttributeMapping{
				{Target: "USERNAME", Expression: "[mail]", MatchingPrecedence: 1}, {Target: "name.givenName", Expression: "[givenName]"}, {Target: "title", Expression: "[jobTitle]"},
			}}
		}), 0, []string{
			"Mapping crm/user does not write what Airtable is documented to require of a user: name.familyName. Creating accounts may fail.",
		}},
		{"what is required is written", definition("zscaler-internet-access", creating), 0, nil},
		{"by a part of it", definition("new-relic", at("https://scim-provisioning.service.newrelic.com/scim/v2"), creating), 0, nil},
		{"what is disabled is kept", definition("slack"), 3, nil},
		{"what is disabled is gone", definition("smartsheet", at("https://scim.smartsheet.com/v2")), 3, []string{
			"For Smartsheet it is documented that an account is deleted when it is disabled (The user is deleted for good). What is shown as disable cannot be undone there; accounts concerned: 3.",
		}},
		{"nobody is disabled", definition("smartsheet", at("https://scim.smartsheet.com/v2")), 0, nil},
		{"no template", definition("", at("https://anything.example.com")), 0, nil},
		{"unknown template", definition("slak"), 0, nil},
		{"no connection", job.Definition{App: job.App{Template: "slack"}}, 0, nil},
	} {
		if diff := cmp.Diff(test.want, template.Warnings(test.given, test.disables)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

package template_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

func TestFind(t *testing.T) {
	t.Parallel()
	found, err := template.Find("slack")
	if err != nil || found.Name != "Slack" {
		t.Errorf("%+v, %v", found, err)
	}
	for _, test := range []struct{ key, want string }{
		{"slak", `there is no template "slak"; did you mean slack? `},
		{"SLACK", `there is no template "SLACK"; did you mean slack? `},
		{"github", `did you mean github-enterprise-managed-users or github-organization? `},
		{"gitlab", `did you mean gitlab-group or gitlab-self-managed? `},
		{"aws", `did you mean aws-iam-identity-center`},
		{"new relic", `did you mean new-relic? `},
		{"identity_center", `did you mean aws-iam-identity-center? `},
		{"sap-successfactors", `there is no template "sap-successfactors"; the templates are: 1password, `},
		{"", `there is no template ""; the templates are: 1password, `},
		{strings.Repeat("slack", 100), "the templates are: 1password, "},
		{"../slack", `there is no template "../slack"`},
		{"slack.json", `there is no template "slack.json"`},
	} {
		_, err := template.Find(test.key)
		if !errors.Is(err, directory.NotFound) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.key, err, test.want)
		}
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want string
	}{
		{"GITHUB", "github-enterprise-managed-users github-organization"},
		{"amazon web", "aws-iam-identity-center"},
		{"no such product", ""},
	} {
		found, err := template.Search(test.text)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, one := range found {
			keys = append(keys, one.Key)
		}
		if got := strings.Join(keys, " "); got != test.want {
			t.Errorf("%q finds %q, want %q", test.text, got, test.want)
		}
	}
	if every, err := template.Search(""); err != nil || len(every) != len(template.Keys()) {
		t.Errorf("%d, %v", len(every), err)
	}
}

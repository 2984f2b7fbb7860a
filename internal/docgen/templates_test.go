package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

// `make verify` checks the same; here it fails where a template is changed.
func TestTheCommittedGuideToTemplatesIsFresh(t *testing.T) {
	t.Parallel()
	committed, err := os.ReadFile("../../templates/guides/app-templates.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := page("app-templates")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), fresh); diff != "" {
		t.Errorf("run 'make docs' and commit the result (-committed +generated):\n%s", diff)
	}
}

// Every template has its part, every link of the index leads to one, and every fact and source is there.
func TestEveryTemplateIsInTheGuide(t *testing.T) {
	t.Parallel()
	text, err := page("app-templates")
	if err != nil {
		t.Fatal(err)
	}
	templates, err := template.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range templates {
		_, part, found := strings.Cut(text, "\n### "+one.Name+"\n")
		part, _, _ = strings.Cut(part, "\n### ")
		if !found || !strings.Contains(text, "(#"+anchor(one.Name)+")") {
			t.Errorf("%s has no part, or no link to it", one.Key)
		}
		for _, source := range one.Sources {
			if !strings.Contains(part, source.URL()) {
				t.Errorf("%s: source %s is missing", one.Key, source.Name)
			}
		}
		for _, line := range one.Lines() {
			if line.Subject != "peculiarity" && !strings.Contains(part, "`"+line.Value+"`") {
				t.Errorf("%s: %+v is missing", one.Key, line)
			}
		}
	}
	for _, action := range []string{"{{ index }}", "{{ templates }}"} {
		if strings.Contains(text, action) {
			t.Errorf("%s was not replaced", action)
		}
	}
	if _, err := page("x"); err == nil {
		t.Error("an unknown page is written")
	}
}

// A product people ask for has a template, or the guide says why it has none.
func TestProductsPeopleAskForAreInTheGuide(t *testing.T) {
	t.Parallel()
	_, missing, found := strings.Cut(templatesIntroduction, "\n## Products without a template\n")
	if !found {
		t.Fatal("the guide does not say what has no template")
	}
	missing, _, _ = strings.Cut(missing, "\n## ")
	for _, product := range []string{
		"Slack", "GitHub Enterprise", "GitLab", "Atlassian", "Zoom", "AWS IAM Identity Center", "Databricks", "Snowflake", "Grafana", "Sentry", "Dropbox",
		"Salesforce", "Zendesk", "Miro", "Figma", "Notion", "1Password", "Datadog", "PagerDuty", "Cloudflare",
	} {
		templates, err := template.Search(product)
		if err != nil {
			t.Fatal(err)
		}
		if explained := strings.Contains(missing, "**"+product+"**"); explained == (len(templates) > 0) {
			t.Errorf("%s: %d templates, and said to have none: %t", product, len(templates), explained)
		}
	}
}

func TestAnchor(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"Slack": "slack", "GitLab.com group": "gitlabcom-group", "GitHub organization (Enterprise Cloud)": "github-organization-enterprise-cloud", "GitLab self-managed": "gitlab-self-managed",
	} {
		if got := anchor(heading); got != want {
			t.Errorf("%s: %s, want %s", heading, got, want)
		}
	}
}

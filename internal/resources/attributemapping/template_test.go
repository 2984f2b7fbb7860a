package attributemapping_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

const appAddress = "provisioning_app.wiki"

// templated applies the chain with a template; groups is whether there is a mapping of groups.
func (s *stage) templated(template string, groups bool, checks ...plancheck.PlanCheck) resource.TestStep {
	variables := s.Variables()
	variables["groups"] = config.BoolVariable(groups)
	if template != "" {
		variables["template"] = config.StringVariable(template)
	}
	return resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/template"), ConfigVariables: variables,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
}

// A mapping takes the table of its app's template; another template is an update of the app and a change of the job, whose
// preview says what becomes of the accounts.
func TestAccTemplate(t *testing.T) {
	t.Parallel()
	s := newStage(t, person("ann@example.com", values{
		"mailNickname": "ann", "displayName": "Ann Lee", "givenName": "Ann", "surname": "Lee", "mail": "ann@example.com", "jobTitle": "Clerk", "department": "Sales",
	}))
	// data/slack.json: the short name is the user name, and there is no external id.
	slack := s.templated("slack", false, plancheck.ExpectResourceAction(appAddress, plancheck.ResourceActionCreate))
	imports := acctest.Import(address)
	imports.ConfigDirectory, imports.ConfigVariables = slack.ConfigDirectory, slack.ConfigVariables
	importsApp := acctest.Import(appAddress)
	importsApp.ConfigDirectory, importsApp.ConfigVariables = slack.ConfigDirectory, slack.ConfigVariables
	// data/airtable.json: the principal name is the user name, with an external id and a department.
	airtable := s.templated("airtable", true,
		plancheck.ExpectResourceAction(appAddress, plancheck.ResourceActionUpdate),
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
		plancheck.ExpectResourceAction(jobAddress, plancheck.ResourceActionUpdate),
		plancheck.ExpectKnownValue(jobAddress, tfjsonpath.New("planned_changes").AtMapKey("update_count"), knownvalue.Int64Exact(1)),
	)
	airtable.PreConfig = func() {
		s.holds(map[string]values{"ann": {
			"active": true, "displayName": "Ann Lee", "nickName": "ann", "name": values{"givenName": "Ann", "familyName": "Lee"},
			"emails": []any{values{"type": "work", "value": "ann@example.com"}},
		}})
	}
	s.Run(t, slack, imports, importsApp, airtable)
	s.holds(map[string]values{"ann@example.com": {
		"active": true, "displayName": "Ann Lee", "nickName": "ann", "externalId": "id-ann@example.com",
		"name":   values{"givenName": "Ann", "familyName": "Lee", "formatted": "Ann Lee"},
		"emails": []any{values{"type": "work", "value": "ann@example.com"}}, enterprise: values{"department": "Sales"},
	}})
}

// What a connection leaves unset is the template's, and what it sets is not: New Relic documents operations with a capital
// (data/new-relic.json), which the application refuses.
func TestAccTemplateOfAConnection(t *testing.T) {
	t.Parallel()
	for profile, refuses := range map[string]bool{"": true, "rfc": false} {
		t.Run("profile "+profile, func(t *testing.T) {
			t.Parallel()
			ann := func(given string) values {
				return person("ann@example.com", values{"mailNickname": "ann", "mail": "ann@example.com", "givenName": given, "surname": "Lee"})
			}
			s := newStage(t, ann("Ann"))
			step := s.templated("new-relic", false)
			if profile != "" {
				step.ConfigVariables["profile"] = config.StringVariable(profile)
			}
			renamed := step
			renamed.PreConfig = func() {
				s.App.ResetRequests()
				s.write(ann("Anna"))
			}
			s.Run(t, step, renamed)
			if refused := s.refusedPatches(); (refused > 0) != refuses {
				t.Errorf("%d updates were refused", refused)
			}
		})
	}
}

// refusedPatches counts the updates whose form the application did not take.
func (s *stage) refusedPatches() int {
	n := 0
	for _, request := range s.App.Requests() {
		if request.Method == http.MethodPatch && request.Status == http.StatusBadRequest {
			n++
		}
	}
	return n
}

func TestAccTemplateRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	refused := func(step resource.TestStep, message string) resource.TestStep {
		step.ExpectError, step.ConfigPlanChecks = acctest.Message(message), resource.ConfigPlanChecks{}
		return step
	}
	s.Run(t,
		refused(s.templated("slak", false), `Attribute template: there is no template "slak"; did you mean slack?`),
		refused(s.templated("", false), `the app has no template with default mappings for user objects; set template in its provisioning_app`),
		refused(s.templated("smartsheet", true), `the app has no template with default mappings for group objects`),
		s.templated("slack", false),
		refused(s.templated("", false), `the app has no template with default mappings for user objects`),
	)
}

// The guide's example does to an application what the guide says.
func TestAccGuideToTemplates(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	directory := t.TempDir()
	for _, name := range []string{"main.tf", "people.json"} {
		text, err := os.ReadFile(filepath.Join("../../../examples/guides/app-templates", name))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer("https://api.slack.com/scim/v2", s.BaseURL, "${path.module}", directory).Replace(string(text))
		if err := os.WriteFile(filepath.Join(directory, name), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Run(t, resource.TestStep{
		ConfigDirectory: config.StaticDirectory(directory), ConfigVariables: config.Variables{"slack_token": config.StringVariable(acctest.StageToken)},
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	})
	account := func(given, family, address string) values {
		return values{
			"active": true, "displayName": given + " " + family, "nickName": given, "name": values{"givenName": given, "familyName": family},
			"emails": []any{values{"type": "work", "value": address}},
		}
	}
	s.holds(map[string]values{"ada": account("Ada", "Lovelace", "ada@example.com"), "alan": account("Alan", "Turing", "alan@example.com")})
}

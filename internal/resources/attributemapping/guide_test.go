package attributemapping_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const guide = "../../../examples/guides/attribute-mappings"

// The guide's example does to an application what the guide says.
func TestAccGuide(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	directory := t.TempDir()
	files, err := os.ReadDir(guide)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(guide, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.ReplaceAll(string(text), "https://wiki.example.com/scim/v2", s.BaseURL)
		changed = strings.ReplaceAll(changed, "${path.module}", directory)
		if err := os.WriteFile(filepath.Join(directory, file.Name()), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	counts := func(created, updated, failed int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(jobAddress, tfjsonpath.New("last_cycle"), knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"created_count": knownvalue.Int64Exact(created), "updated_count": knownvalue.Int64Exact(updated), "failed_count": knownvalue.Int64Exact(failed),
		}))}
	}
	step := func(checks []statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{
			ConfigDirectory: config.StaticDirectory(directory), ConfigVariables: config.Variables{"wiki_token": config.StringVariable(acctest.StageToken)},
			ConfigPlanChecks:  resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: checks,
		}
	}
	people := filepath.Join(directory, "people.json")
	account := func(more values) values {
		return and(values{"active": true, "locale": "en-GB", "timezone": "Europe/London"}, more)
	}
	ada := account(values{
		"displayName": "Lovelace, Ada", "externalId": "u1", "nickName": "Ada", "title": "Engineer",
		"name":   values{"givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace"},
		"emails": []any{values{"type": "work", "value": "ada@example.com"}},
		"roles":  []any{values{"primary": true, "type": "WindowsAzureActiveDirectoryRole", "value": "editor"}},
	})
	byron := func() values {
		return account(values{
			"displayName": "Byron, Ada", "externalId": "u2", "nickName": "AdaB", "title": "Colleague",
			"name":     values{"givenName": "Ada", "familyName": "Byron", "formatted": "Ada Byron"},
			"emails":   []any{values{"type": "work", "value": "ada.byron@example.com"}},
			enterprise: values{"manager": values{"value": s.id("ada@example.com")}},
		})
	}
	promoted := step(counts(1, 1, 0))
	promoted.PreConfig = func() {
		// Alan has no mail address, which is required.
		s.holds(map[string]values{"ada@example.com": ada, "ada.byron@example.com": byron()})
		text, err := os.ReadFile(people)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.ReplaceAll(string(text), `"jobTitle": "Engineer", `, "")
		changed = strings.ReplaceAll(changed, `"jobTitle": "Researcher"`, `"mail": "alan@example.com"`)
		if err := os.WriteFile(people, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Run(t, step(counts(2, 0, 1)), promoted)
	delete(ada, "title")
	s.holds(map[string]values{
		"ada@example.com": ada, "ada.byron@example.com": byron(),
		"alan@example.com": account(values{
			"displayName": "Turing, Alan", "externalId": "u3", "nickName": "Alan", "title": "Colleague",
			"name":   values{"givenName": "Alan", "familyName": "Turing", "formatted": "Alan Turing"},
			"emails": []any{values{"type": "work", "value": "alan@example.com"}},
		}),
	})
}

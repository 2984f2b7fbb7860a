package attributemapping

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// ValidateConfig asks the engine's rules for everything that is wrong or doubtful about the mapping, and shows it at the
// attribute in question. A validator of single attributes is not enough: most rules speak about several.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config ResourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(check(ctx, config)...)
}

// check returns what the rules say in every completion of the configuration.
func check(ctx context.Context, config ResourceModel) diag.Diagnostics {
	templates := sync.OnceValues(template.All)
	c := completion{templates: templates}
	mapping := c.mapping(ctx, config)
	problems, warnings := mapping.Problems(), mapping.Warnings()
	for round := 1; c.guessed && round < max(rounds, c.most); round++ {
		other := completion{round: round, templates: templates}
		mapping := other.mapping(ctx, config)
		problems, warnings = common(problems, mapping.Problems()), common(warnings, mapping.Warnings())
	}
	diags := c.diags
	if len(problems) > 0 {
		warnings = nil // they may be misleading until the problems are settled
	}
	for _, problem := range problems {
		at := place(config, problem)
		diags.Append(validators.At(at, "Invalid "+subject(problem), detail(at, problem)))
	}
	for _, warning := range warnings {
		at := place(config, warning)
		summary := "Check the " + subject(warning)
		// Terraform folds warnings with equal summaries into one.
		if warning.Target != "" {
			summary += " of " + warning.Target
		}
		diags.AddAttributeWarning(at, summary, "Attribute "+at.String()+": "+detail(at, warning))
	}
	return diags
}

// place returns the attribute of the configuration where a problem can be settled. What is wrong with a mapping of the
// preset is settled at the preset.
func place(config ResourceModel, problem job.Problem) path.Path {
	switch problem.Field {
	case "preset", "enabled", "object_type", "composite_matching":
		return path.Root(problem.Field)
	case "exclude":
		return path.Root("exclude")
	case "source_attributes", "target_attributes", "deprovisioning":
		return path.Root(problem.Field).AtMapKey(problem.Target)
	}
	_, configured := config.Attributes.Elements()[problem.Target]
	switch {
	case !configured && !config.Preset.IsNull():
		return path.Root("preset")
	case !configured:
		return path.Root("attributes")
	case problem.Field == "" || problem.Field == "target":
		return path.Root("attributes").AtMapKey(problem.Target)
	default:
		return path.Root("attributes").AtMapKey(problem.Target).AtName(problem.Field)
	}
}

// subject says in words what a problem is about.
func subject(problem job.Problem) string {
	switch problem.Field {
	case "":
		return noun
	case "target":
		return "target attribute"
	case "exclude":
		return "excluded attribute"
	default:
		return strings.ReplaceAll(problem.Field, "_", " ")
	}
}

// detail is a problem's message as a sentence, or as a drawing below one; the place may not name its target.
func detail(at path.Path, problem job.Problem) string {
	text := problem.Message
	if problem.Target != "" && len(at.Steps()) == 1 {
		text = problem.Target + ": " + text
	}
	if strings.Contains(text, "\n") {
		return text
	}
	return text + "."
}

// common returns the problems that are in both lists.
func common(a, b []job.Problem) []job.Problem {
	return slices.DeleteFunc(a, func(problem job.Problem) bool { return !slices.Contains(b, problem) })
}

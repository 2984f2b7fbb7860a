package apptemplates_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

func is(name string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.provisioning_app_templates."+name, tfjsonpath.New("templates"), check)
}

func only(t map[string]knownvalue.Check) knownvalue.Check {
	return knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(t)})
}

func TestAccAppTemplates(t *testing.T) {
	t.Parallel()
	text := knownvalue.StringExact
	acctest.New(t).Run(t,
		acctest.Refused(t, "unknown", `Attribute key: there is no template "slak"; did you mean slack?`),
		acctest.Refused(t, "both", `Attribute "search" cannot be specified when "key" is specified`),
		resource.TestStep{
			ConfigDirectory: acctest.Config(t, "read"),
			ConfigStateChecks: []statecheck.StateCheck{
				is("all", knownvalue.ListSizeExact(len(template.Keys()))),
				is("none", knownvalue.ListSizeExact(0)),
				is("found", only(map[string]knownvalue.Check{"key": text("aws-iam-identity-center")})),
				is("one", only(map[string]knownvalue.Check{
					"key": text("aws-iam-identity-center"), "name": text("AWS IAM Identity Center"), "status": text("documented"), "profile": text("rfc"),
					"base_urls": knownvalue.ListExact([]knownvalue.Check{text("https://scim.{region}.amazonaws.com/{tenant}/scim/v2")}),
					"bulk":      knownvalue.Bool(false), "members_per_patch": knownvalue.Int64Exact(100), "page_size": knownvalue.Int64Exact(50),
					"requests_per_second": knownvalue.Null(), "authentication": knownvalue.ListExact([]knownvalue.Check{text("bearer")}),
					"group_attributes": knownvalue.MapExact(map[string]knownvalue.Check{
						"displayName": knownvalue.ObjectExact(map[string]knownvalue.Check{"expression": text("[displayName]"), "matching_precedence": knownvalue.Int64Exact(1)}),
						"externalId":  knownvalue.ObjectExact(map[string]knownvalue.Check{"expression": text("[objectId]"), "matching_precedence": knownvalue.Null()}),
						"members":     knownvalue.ObjectExact(map[string]knownvalue.Check{"expression": text("[members]"), "matching_precedence": knownvalue.Null()}),
					}),
				})),
				is("without_groups", only(map[string]knownvalue.Check{"group_attributes": knownvalue.Null(), "profile": knownvalue.Null()})),
			},
		})
}

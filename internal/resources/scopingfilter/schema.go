package scopingfilter

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

func resourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A named filter that says who is in scope. All clauses of a filter have to be true (AND); of several filters for the " +
			"same object type that a job refers to, one has to be true (OR). Without any filter everybody passes.\n\n" +
			"A filter is a draft and has no effect until a `provisioning_job` that refers to it is applied. " +
			"**On destroy** the draft is removed; a job keeps the filter it has committed. **Replaced** when `app_id` or `name` change. " +
			"Narrowing a filter disables the accounts that fall out of scope when the job is applied; the job's plan names them.",
		Attributes: map[string]schema.Attribute{
			"app_id":      draft.AppID(noun),
			"name":        draft.Name(noun),
			"object_type": draft.ObjectType("filtered", "A change updates the filter in place."),
			"clauses": schema.ListNestedAttribute{
				Required:            true,
				MarkdownDescription: "Clauses, at least one. All of them have to be true. They are shown in the provisioning log in this order.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{
					Validators: []validator.Object{clauseRules{}},
					Attributes: map[string]schema.Attribute{
						"attribute": schema.StringAttribute{
							Required: true,
							MarkdownDescription: "Source attribute that is tested, by its exact name. References (`manager`, `members`), " +
								"`appRoleAssignments`, `userType`, `IsSoftDeleted` and dates cannot be tested; a name that ends in `Date` or `DateTime` " +
								"is a date. Of several values of the attribute every one has to satisfy the clause.",
						},
						"operator": schema.StringAttribute{
							Required: true,
							MarkdownDescription: "Test that is made: `" + strings.Join(operators(), "`, `") + "`. A clause on a missing or empty attribute is " +
								"false, except with `IS NULL`. Comparisons are case-sensitive; patterns are of the .NET dialect, are not anchored, and " +
								"may take a second, after which the clause is false.",
						},
						"value": schema.StringAttribute{
							Optional:            true,
							MarkdownDescription: "Value the attribute is compared with, used verbatim. The operators that start with `IS` take none.",
							Validators: []validator.String{
								stringvalidator.LengthAtLeast(1),
								stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("values")),
							},
						},
						"values": schema.SetAttribute{
							Optional:            true,
							ElementType:         types.StringType,
							MarkdownDescription: "Several values: any of them for a positive operator, none of them for a negative one. Instead of `value`.",
							Validators: []validator.Set{
								setvalidator.SizeAtLeast(1),
								setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
							},
						},
					},
				},
			},
		},
	}
}

func operators() []string {
	var names []string
	for _, operator := range scope.Operators() {
		names = append(names, string(operator))
	}
	return names
}

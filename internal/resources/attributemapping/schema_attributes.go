package attributemapping

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func attributesAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "What each target attribute receives, keyed by the attribute's path in the target: `userName`, `name.familyName`, " +
			"`emails[type eq \"work\"].value`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`. " +
			"Required without `preset`; with one, what is said here replaces the preset's mapping of the same target. At least one " +
			"attribute needs a `matching_precedence`, here or in the preset. `id`, `meta` and `schemas` cannot be mapped.",
		Validators: []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"expression": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Where the value comes from: a source attribute (`[userPrincipalName]`), a constant (`\"Contoso\"`), or an " +
					"expression (`Join(\" \", [givenName], [surname])`). It is checked by the engine's own parser when Terraform validates. " +
					"Without an expression (the mapping type None) the target keeps what it has, and receives `default_value` while it has nothing.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"default_value": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Written when an account is created and the expression yields null; an existing account never receives it, " +
					"except where there is no expression. Not empty. Default: none.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"matching_precedence": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Makes it a matching attribute, by which existing accounts are found; the lowest number is tried first. " +
					"1 or higher, each number once unless `composite_matching` is set; the expression has to refer to exactly one source attribute. Default: not a matching attribute.",
				Validators: []validator.Int64{int64validator.Between(1, maxPrecedence)},
			},
			"flow_type": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(string(job.FlowAlways)),
				MarkdownDescription: "When the attribute is written: `Always`, `ObjectAddOnly` (only when the account is created), `AttributeAddOnly` " +
					"(only while the target has no value), `ValueAddOnly` (once the target has a value, additions are written and removals are not) " +
					"or `MultiValueAddOnly` (values of a multi-valued attribute are added and never removed). Default `Always`.",
				Validators: []validator.String{stringvalidator.OneOf(names(job.FlowTypes())...)},
			},
			"flow_behavior": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(string(job.FlowWhenChanged)),
				MarkdownDescription: "Whether a value that the target has already is sent: `FlowWhenChanged` (no) or `FlowAlways` (with every update " +
					"of the account). Default `FlowWhenChanged`.",
				Validators: []validator.String{stringvalidator.OneOf(names(job.FlowBehaviors())...)},
			},
			"flow_null_values": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether an empty value clears the attribute of an existing account. It takes effect only when " +
					"`source_attributes` says the same of the source attribute. **A source that leaves attributes out erases data then.** Default `false`.",
			},
		}},
	}
}

func sourceAttributesAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional:            true,
		MarkdownDescription: "What is special about attributes of the source, keyed by their name. Those that are not listed have the defaults.",
		Validators:          []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"flow_null_values": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether it counts as a value that the attribute is missing or empty. The first of two switches: the mapping's " +
					"`flow_null_values` is the other, and one alone does nothing. Default `false`.",
			},
		}},
	}
}

func targetAttributesAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "What is special about attributes of the target, keyed by their path as in `attributes`. " +
			"What is not said here is left to the target.",
		Validators: []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Type that values are converted to: " + alternatives(names(job.AttributeTypes())) + ". Default: the target's own.",
				Validators:          []validator.String{stringvalidator.OneOf(names(job.AttributeTypes())...)},
			},
			"required": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether an account needs the attribute: a person for whom there is neither a value nor a default fails, " +
					"and the others are provisioned. Default `false`.",
			},
			"multivalued": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether it can hold several values. Default: what the target says.",
			},
			"case_exact": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether a change of case alone is written. Default: what the target says.",
			},
			"mutability": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "When it can be written: " + alternatives(names(job.Mutabilities())) + ". Default `ReadWrite`.",
				Validators:          []validator.String{stringvalidator.OneOf(names(job.Mutabilities())...)},
			},
			"default_value": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Used when the attribute is required, has no value, and its mapping has no default. Not empty. Default: none.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		}},
	}
}

// maxPrecedence keeps precedences within the API's 32 bits.
const maxPrecedence = 1000

func names[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// alternatives lists what may be written, for a description.
func alternatives(values []string) string { return "`" + strings.Join(values, "`, `") + "`" }

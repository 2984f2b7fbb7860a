package attributemapping

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// enabledForUsers refuses to disable the user mapping (mappings-and-scoping.md 10).
type enabledForUsers struct{}

// Description says what is allowed.
func (enabledForUsers) Description(context.Context) string {
	return "only group mappings can be disabled"
}

// MarkdownDescription says what is allowed.
func (v enabledForUsers) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateBool compares with the object type.
func (enabledForUsers) ValidateBool(ctx context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || req.ConfigValue.ValueBool() {
		return
	}
	var objectType types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("object_type"), &objectType)...)
	if objectType.ValueString() == string(directory.User) {
		resp.Diagnostics.AddAttributeError(req.Path, "User mapping cannot be disabled",
			"Only group mappings can be disabled. To stop provisioning users, pause the job or narrow a scoping filter.")
	}
}

// targetPath accepts the path of an attribute that may be written (mappings-and-scoping.md 8).
func targetPath() validator.String { return target{} }

type target struct{}

// Description says what is allowed.
func (target) Description(context.Context) string {
	return `a target attribute such as userName, name.familyName or emails[type eq "work"].value`
}

// MarkdownDescription says what is allowed.
func (v target) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks one key of the map.
func (v target) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	name := req.ConfigValue.ValueString()
	if !pathPattern.MatchString(name) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid target attribute",
			fmt.Sprintf("%q is not the path of an attribute: expected %s.", name, v.Description(ctx)))
		return
	}
	if root := rootOf(name); slices.Contains(unwritable, strings.ToLower(root)) {
		resp.Diagnostics.AddAttributeError(req.Path, "Target attribute cannot be mapped",
			fmt.Sprintf("%s is set by the target itself and cannot be written. Remove it.", root))
	}
}

// pathPattern is the grammar of mappings-and-scoping.md 8: an optional URN, an attribute, an optional filter with
// one comparison, an optional sub-attribute.
var pathPattern = regexp.MustCompile(`^(?i:urn:[^\s\[\]"]+:)?[A-Za-z$][\w$-]*(\[[A-Za-z$][\w$-]* (?i:eq) "[^"]*"\])?(\.[A-Za-z$][\w$-]*)?$`)

// unwritable are the attributes the target owns: its primary key (mappings-and-scoping.md 6) and what RFC 7643
// section 3.1 makes read-only or leaves to the client library.
var unwritable = []string{"id", "meta", "schemas"}

// coreURN starts a core attribute that is written out in full.
const coreURN = "urn:ietf:params:scim:schemas:core:2.0:"

// rootOf returns the first attribute of a path; an extension's attribute keeps its URN.
func rootOf(name string) string {
	if len(name) > len(coreURN) && strings.EqualFold(name[:len(coreURN)], coreURN) {
		name = name[strings.LastIndexByte(name, ':')+1:]
	}
	if strings.Contains(name, ":") {
		return name
	}
	root, _, _ := strings.Cut(name, ".")
	root, _, _ = strings.Cut(root, "[")
	return root
}

// matching checks what the attributes have to be together: one of them matches, precedences are unique, each
// target is written once, and matching expressions refer to one source attribute (mappings-and-scoping.md 5).
type matching struct{}

// Description says what is required.
func (matching) Description(context.Context) string {
	return "at least one matching attribute, each precedence once, each target once"
}

// MarkdownDescription says what is required.
func (v matching) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateMap checks the whole map. Unknown parts pass: they may turn out right.
func (matching) ValidateMap(ctx context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	found, unknown := false, false
	byPrecedence, byTarget := map[int64]string{}, map[string]string{}
	elements := req.ConfigValue.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		at := req.Path.AtMapKey(name)
		if first, repeated := byTarget[strings.ToLower(name)]; repeated {
			resp.Diagnostics.AddAttributeError(at, "Target attribute is mapped twice",
				fmt.Sprintf("%q and %q are the same attribute: names of target attributes are case-insensitive. Remove one of them.", first, name))
		}
		byTarget[strings.ToLower(name)] = name

		object, ok := elements[name].(basetypes.ObjectValue)
		if !ok || object.IsUnknown() {
			unknown = true
			continue
		}
		var attribute attributeModel
		resp.Diagnostics.Append(object.As(ctx, &attribute, basetypes.ObjectAsOptions{})...)
		switch {
		case attribute.MatchingPrecedence.IsUnknown():
			unknown = true
			continue
		case attribute.MatchingPrecedence.IsNull():
			continue
		}
		found = true
		precedence := attribute.MatchingPrecedence.ValueInt64()
		if first, repeated := byPrecedence[precedence]; repeated {
			resp.Diagnostics.AddAttributeError(at.AtName("matching_precedence"), "Matching precedence is used twice",
				fmt.Sprintf("%q and %q both have precedence %d, so the order in which they are tried is not known. Give each its own number.", first, name, precedence))
		}
		byPrecedence[precedence] = name
		if problem := matchingProblem(attribute.Expression); problem != "" {
			resp.Diagnostics.Append(validators.At(at.AtName("expression"), "Invalid matching expression", problem))
		}
	}
	if !found && !unknown {
		resp.Diagnostics.AddAttributeError(req.Path, "No matching attribute",
			"At least one attribute needs a matching_precedence: without one, existing accounts cannot be found and would be created again. "+
				"For users it is usually userName, for groups displayName.")
	}
}

// matchingProblem says why an expression cannot be used for matching. A broken one is reported where it is parsed.
func matchingProblem(source types.String) string {
	if source.IsNull() || source.IsUnknown() {
		return ""
	}
	parsed, err := expression.Parse(source.ValueString())
	if err != nil {
		return ""
	}
	switch attributes := parsed.Attributes(); len(attributes) {
	case 1:
		return ""
	case 0:
		return "the expression of a matching attribute has to refer to exactly one source attribute, and this one refers to none: everybody would match the same account."
	default:
		return fmt.Sprintf("the expression of a matching attribute has to refer to exactly one source attribute, and this one refers to %s. "+
			"Match by one of them, or give each a mapping with its own precedence.", joined(attributes))
	}
}

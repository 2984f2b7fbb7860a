package draft

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// AppID returns the attribute that names the app a draft belongs to.
func AppID(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Id of the app the " + noun + " belongs to. Changing it replaces the " + noun + ".",
		Validators:          []validator.String{validators.Key()},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

// Name returns the attribute that tells the drafts of one app apart.
func Name(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Name of the " + noun + " within its app: " + validators.KeyForm + ". Changing it replaces the " + noun + ".",
		Validators:          []validator.String{validators.Key()},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

// ObjectType returns the attribute that says what kind of object a draft is for: what becomes of these objects and
// what a change does are the caller's.
func ObjectType(done, change string) schema.StringAttribute {
	var names []string
	for _, objectType := range directory.ObjectTypes() {
		names = append(names, string(objectType))
	}
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Object type that is " + done + ": `" + strings.Join(names, "` or `") + "`. " + change,
		Validators:          []validator.String{stringvalidator.OneOf(names...)},
	}
}

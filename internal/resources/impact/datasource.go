package impact

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ImpactAttribute is the computed planned_impact of a data source.
func ImpactAttribute(description string) schema.Attribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: computed(Impact())}
}

// ChangesAttribute is the computed planned_changes of a data source.
func ChangesAttribute(description string) schema.Attribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: computed(Changes())}
}

func computed(fields []Field) map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(fields))
	for _, f := range fields {
		attributes[f.Name] = attribute(f)
	}
	return attributes
}

func attribute(f Field) schema.Attribute {
	elements := map[string][]Field{"accounts": Accounts(), "groups": Groups(), "causes": Causes()}[f.Name]
	switch {
	case elements != nil:
		return schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: f.Description, NestedObject: schema.NestedAttributeObject{Attributes: computed(elements)},
		}
	case f.Kind == types.Int64Type:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: f.Description}
	case f.Kind == types.BoolType:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: f.Description}
	default:
		return schema.StringAttribute{Computed: true, MarkdownDescription: f.Description}
	}
}

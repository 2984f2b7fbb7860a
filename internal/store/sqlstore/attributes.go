package sqlstore

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// attributeName names an attribute or a relation of a type of objects.
type attributeName struct {
	objectType directory.ObjectType
	name       string
}

// noteAttributes remembers which attributes and relations changed objects have, for AttributeNames.
func (im *importer) noteAttributes(changed []written) {
	for _, w := range changed {
		for name, value := range w.object.Attributes {
			if !value.IsNull() {
				im.attributes[attributeName{w.object.Type, name}] = true
			}
		}
		for name, anchors := range w.object.References {
			if len(anchors) > 0 {
				im.attributes[attributeName{w.object.Type, name}] = true
			}
		}
	}
}

// flushAttributes stores the names that are new.
func (im *importer) flushAttributes(ctx context.Context) error {
	names := slices.SortedFunc(maps.Keys(im.attributes), func(a, b attributeName) int {
		return cmp.Or(cmp.Compare(a.objectType, b.objectType), cmp.Compare(a.name, b.name))
	})
	return execEach(ctx, im.t, names, `
		INSERT INTO source_attributes (copy_id, object_type, name) VALUES ($1, $2, $3)
		ON CONFLICT (copy_id, object_type, name) DO NOTHING`,
		func(name attributeName) ([]any, error) {
			return []any{im.copyID, string(name.objectType), name.name}, nil
		})
}

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

// countAttributes keeps the counts behind AttributeNames: what the changed objects had goes, what they have comes.
func (im *importer) countAttributes(ctx context.Context, changed []written) error {
	before := map[directory.ObjectType][]directory.Anchor{}
	for _, w := range changed {
		if w.exists && w.old.removed == directory.Present {
			before[w.object.Type] = append(before[w.object.Type], w.object.Anchor)
		}
		im.countObject(w.object, 1)
	}
	for _, objectType := range directory.ObjectTypes() {
		objects, err := objectsByAnchor(ctx, im.t, im.copyID, objectType, before[objectType])
		if err != nil {
			return err
		}
		for _, object := range objects {
			im.countObject(object.Object, -1)
		}
	}
	return nil
}

func (im *importer) countObject(object directory.Object, by int64) {
	if object.Removed != directory.Present {
		return
	}
	for name, value := range object.Attributes {
		if !value.IsNull() {
			im.attributes[attributeName{object.Type, name}] += by
		}
	}
	for name, anchors := range object.References {
		if len(anchors) > 0 {
			im.attributes[attributeName{object.Type, name}] += by
		}
	}
}

// flushAttributes adds the changes to the counts.
func (im *importer) flushAttributes(ctx context.Context) error {
	names := slices.SortedFunc(maps.Keys(im.attributes), func(a, b attributeName) int {
		return cmp.Or(cmp.Compare(a.objectType, b.objectType), cmp.Compare(a.name, b.name))
	})
	return execEach(ctx, im.t, names, `
		INSERT INTO source_attributes (copy_id, object_type, name, objects) VALUES ($1, $2, $3, $4)
		ON CONFLICT (copy_id, object_type, name) DO UPDATE SET objects = source_attributes.objects + excluded.objects`,
		func(name attributeName) ([]any, error) {
			return []any{im.copyID, string(name.objectType), name.name, im.attributes[name]}, nil
		})
}

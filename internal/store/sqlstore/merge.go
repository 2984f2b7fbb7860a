package sqlstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Put implements store.Importer.
func (im *importer) Put(ctx context.Context, changes []store.ObjectChange) error {
	for page := range slices.Chunk(changes, chunkSize) {
		if err := im.putPage(ctx, page); err != nil {
			return classify(err, "import into copy "+im.copyID)
		}
	}
	return nil
}

// objectKey names an object in a copy.
type objectKey struct {
	objectType directory.ObjectType
	anchor     directory.Anchor
}

// known is what the table says of an object before a page is stored.
type known struct {
	number  int64
	removed directory.Removal
	grants  bool
	hash    []byte
}

func (im *importer) putPage(ctx context.Context, changes []store.ObjectChange) error {
	before, err := im.loadKnown(ctx, changes)
	if err != nil {
		return err
	}
	merged, order, err := im.merge(ctx, changes, before)
	if err != nil {
		return err
	}
	var changed []written
	for _, key := range order {
		w, err := encodeObject(merged[key])
		if err != nil {
			return err
		}
		old, exists := before[key]
		if exists && bytes.Equal(old.hash, w.hash) {
			im.seen.add(old.number)
			continue
		}
		w.old, w.exists = old, exists
		changed = append(changed, w)
	}
	im.noteAttributes(changed)
	for _, w := range changed {
		if err := im.store(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

func (im *importer) loadKnown(ctx context.Context, changes []store.ObjectChange) (map[objectKey]known, error) {
	anchors := map[directory.ObjectType][]directory.Anchor{}
	for _, change := range changes {
		object := change.Object
		if err := checkAnchor(object); err != nil {
			return nil, err
		}
		anchors[object.Type] = append(anchors[object.Type], object.Anchor)
	}
	before := make(map[objectKey]known, len(changes))
	if im.start == 0 && im.numbers == 0 {
		return before, nil // the first page of a new copy
	}
	type row struct {
		anchor directory.Anchor
		known
	}
	for _, objectType := range directory.ObjectTypes() {
		rows, err := listIn(ctx, im.t, func(s scanner) (r row, err error) {
			err = s.Scan(&r.anchor, &r.number, &r.removed, &r.grants, &r.hash)
			return r, err
		}, `SELECT anchor, number, removed, grants, hash FROM source_objects
			WHERE copy_id = $1 AND object_type = $2 AND anchor IN %IN%`, anchors[objectType], im.copyID, string(objectType))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			before[objectKey{objectType, r.anchor}] = r.known
		}
	}
	return before, nil
}

// checkAnchor refuses what a database cannot keep as a key.
func checkAnchor(object directory.Object) error {
	if !slices.Contains(directory.ObjectTypes(), object.Type) {
		return directory.Errorf(directory.Invalid, "object %q has the unknown type %q", object.Anchor, object.Type)
	}
	anchor := string(object.Anchor)
	if anchor == "" || !utf8.ValidString(anchor) || strings.ContainsRune(anchor, 0) {
		return directory.Errorf(directory.Invalid, "%s with the anchor %q: an anchor must be a text that is not empty", object.Type, anchor)
	}
	return nil
}

// merge applies the changes of a page in their order and returns the objects as they become, by key, with the keys
// in the order of their first change.
func (im *importer) merge(ctx context.Context, changes []store.ObjectChange, before map[objectKey]known) (map[objectKey]directory.Object, []objectKey, error) {
	merged := make(map[objectKey]directory.Object, len(changes))
	order := make([]objectKey, 0, len(changes))
	stored, err := im.loadPartial(ctx, changes, before)
	if err != nil {
		return nil, nil, err
	}
	for _, change := range changes {
		key := objectKey{change.Object.Type, change.Object.Anchor}
		object, again := merged[key]
		if !again {
			order = append(order, key)
			object = stored[key]
		}
		if change.Partial {
			merged[key] = apply(object, change)
		} else {
			merged[key] = normalise(change.Object)
		}
	}
	return merged, order, nil
}

// loadPartial reads the objects that partial changes build on.
func (im *importer) loadPartial(ctx context.Context, changes []store.ObjectChange, before map[objectKey]known) (map[objectKey]directory.Object, error) {
	anchors := map[directory.ObjectType][]directory.Anchor{}
	for _, change := range changes {
		key := objectKey{change.Object.Type, change.Object.Anchor}
		if _, exists := before[key]; exists && change.Partial {
			anchors[key.objectType] = append(anchors[key.objectType], key.anchor)
		}
	}
	objects := map[objectKey]directory.Object{}
	for _, objectType := range directory.ObjectTypes() {
		found, err := objectsByAnchor(ctx, im.t, im.copyID, objectType, anchors[objectType])
		if err != nil {
			return nil, err
		}
		for anchor, object := range found {
			objects[objectKey{objectType, anchor}] = object.Object
		}
	}
	return objects, nil
}

// apply makes a partial change to an object: absent attributes stay, null attributes go, relations change by what
// was added and removed. A relation given whole replaces the old one.
func apply(object directory.Object, change store.ObjectChange) directory.Object {
	result := directory.Object{
		Type: change.Object.Type, Anchor: change.Object.Anchor, Removed: change.Object.Removed,
		Attributes: maps.Clone(object.Attributes), References: maps.Clone(object.References),
	}
	if result.Attributes == nil {
		result.Attributes = map[string]directory.Value{}
	}
	if result.References == nil {
		result.References = map[string][]directory.Anchor{}
	}
	maps.Copy(result.Attributes, change.Object.Attributes)
	maps.Copy(result.References, change.Object.References)
	for name, removed := range change.Removed {
		gone := make(map[directory.Anchor]bool, len(removed))
		for _, anchor := range removed {
			gone[anchor] = true
		}
		result.References[name] = slices.DeleteFunc(slices.Clone(result.References[name]), func(anchor directory.Anchor) bool {
			return gone[anchor]
		})
	}
	for name, added := range change.Added {
		result.References[name] = append(slices.Clone(result.References[name]), added...)
	}
	return normalise(result)
}

// normalise sorts relations and empties hard-deleted objects. Null attributes and empty relations, which mean the
// same as absent ones, are left out when the object is encoded.
func normalise(object directory.Object) directory.Object {
	if object.Removed == directory.HardDeleted {
		return directory.Object{Type: object.Type, Anchor: object.Anchor, Removed: object.Removed}
	}
	references := make(map[string][]directory.Anchor, len(object.References))
	for name, anchors := range object.References {
		if !slices.IsSorted(anchors) {
			anchors = slices.Sorted(slices.Values(anchors))
		}
		references[name] = slices.Compact(slices.Clone(anchors))
	}
	object.References = references
	return object
}

// written is an object in the form it is stored in, with what was there before.
type written struct {
	object  directory.Object
	members []directory.Anchor
	body    string
	hash    []byte
	exists  bool
	old     known
}

// encodeObject prepares an object for storage. The members of a group are hashed with it but kept apart.
func encodeObject(object directory.Object) (written, error) {
	w := written{object: object}
	hashed := object
	if object.Type == directory.Group {
		w.members = object.References[directory.ReferenceMembers]
		object.References = maps.Clone(object.References)
		delete(object.References, directory.ReferenceMembers)
	}
	if object.Removed != directory.HardDeleted {
		text, err := objectText(object)
		if err != nil {
			return written{}, err
		}
		w.body = text
	}
	sum := sha256.New()
	sum.Write([]byte(string(hashed.Removed) + "\n" + w.body + "\n"))
	for _, member := range w.members {
		sum.Write([]byte(string(member) + "\x00"))
	}
	w.hash = sum.Sum(nil)[:16]
	return w, nil
}

// store writes an object whose content changed.
func (im *importer) store(ctx context.Context, w written) error {
	number := w.old.number
	if !w.exists {
		im.numbers++
		number = im.numbers
	}
	im.seen.add(number)
	im.position++
	_, err := im.upsert.ExecContext(ctx, im.copyID, string(w.object.Type), string(w.object.Anchor), number, im.position,
		string(w.object.Removed), flag(grants(w.object)), w.hash, w.body)
	if err != nil || w.object.Type != directory.Group {
		return err
	}
	return im.storeMembers(ctx, w)
}

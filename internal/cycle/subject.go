package cycle

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Subject names a source object: by its id or, when no object has that id, by the value of its first matching attribute.
type Subject struct {
	// Type may be empty where only one object can be meant, among what is staged.
	Type directory.ObjectType
	ID   string
}

// subjectOf is a subject and what it stands for.
type subjectOf struct {
	Subject
	object directory.Object
	// known says that the engine's copy of the source has the object, be it as a deleted one.
	known bool
	// err is NotFound or, when the name is that of several objects, Invalid.
	err error
}

func (s subjectOf) key() store.LinkKey {
	return store.LinkKey{Type: s.object.Type, Source: s.object.Anchor}
}

// find looks subjects up in the engine's copy of the source, and in the links of the job for what the copy does not know any
// more. Every subject has an answer of its own; the error is that of the store.
func (v *evaluation) find(ctx context.Context, subjects []Subject, to int64) ([]subjectOf, error) {
	found := make([]subjectOf, len(subjects))
	for _, objectType := range directory.ObjectTypes() {
		if err := v.findByID(ctx, objectType, subjects, found); err != nil {
			return nil, err
		}
		open := map[int]*naming{}
		for i, subject := range subjects {
			if subject.Type == objectType && found[i].object.Anchor == "" {
				open[i] = &naming{sought: subject.ID}
			}
		}
		if len(open) == 0 {
			continue
		}
		if err := v.findNamed(ctx, objectType, open); err != nil {
			return nil, err
		}
		unknown := map[int]*naming{}
		for i, n := range open {
			if len(n.hits) == 0 {
				unknown[i] = n
			}
		}
		if len(unknown) > 0 {
			if err := v.findByName(ctx, objectType, to, unknown); err != nil {
				return nil, err
			}
		}
		for i, n := range open {
			found[i].object, found[i].known, found[i].err = n.answer(objectType, v.jobID, v.program.MatchSets(objectType))
			if len(n.hits) > 0 {
				continue
			}
			link, err := v.formerly(ctx, objectType, n.sought)
			if err != nil {
				return nil, err
			}
			if link == "" {
				continue
			}
			known, err := v.store.ObjectsByAnchor(ctx, v.copyID, objectType, []directory.Anchor{link})
			if err != nil {
				return nil, err
			}
			found[i].object, found[i].err = gone(objectType, link), nil
			if object, ok := known[link]; ok {
				found[i].object, found[i].known = object.Object, true
			}
		}
	}
	for i, subject := range subjects {
		found[i].Subject = subject
		if !slices.Contains(directory.ObjectTypes(), subject.Type) {
			found[i].err = directory.Errorf(directory.Invalid, "%q is not an object type; it is user or group", subject.Type)
		}
	}
	return found, nil
}

func (v *evaluation) findByID(ctx context.Context, objectType directory.ObjectType, subjects []Subject, found []subjectOf) error {
	var anchors []directory.Anchor
	for _, subject := range subjects {
		if subject.Type == objectType {
			anchors = append(anchors, directory.Anchor(subject.ID))
		}
	}
	if len(anchors) == 0 {
		return nil
	}
	known, err := v.store.ObjectsByAnchor(ctx, v.copyID, objectType, anchors)
	if err != nil {
		return err
	}
	for i, subject := range subjects {
		if object, ok := known[directory.Anchor(subject.ID)]; ok && subject.Type == objectType {
			found[i].object, found[i].known = object.Object, true
		}
	}
	return nil
}

// findNamed looks names up where they are values of the source that the store has an index for. Several people may have a name:
// all of them are found, or none.
func (v *evaluation) findNamed(ctx context.Context, objectType directory.ObjectType, open map[int]*naming) error {
	attributes, ok := v.program.NameSources(objectType)
	if !ok {
		return nil
	}
	for _, n := range open {
		candidates := map[directory.Anchor]directory.Object{}
		complete := true
		for _, attribute := range attributes {
			objects, indexed, err := v.store.ObjectsByName(ctx, v.copyID, objectType, attribute, n.sought, previewPageSize)
			if err != nil {
				return err
			}
			complete = complete && indexed && len(objects) < previewPageSize
			for _, object := range objects {
				candidates[object.Anchor] = object.Object
			}
		}
		if !complete {
			continue
		}
		for _, anchor := range slices.Sorted(maps.Keys(candidates)) {
			if value, ok := v.program.FirstMatchValue(candidates[anchor], v.inputs(nil)); ok && v.program.Names(value, n.sought) {
				n.hits = append(n.hits, candidates[anchor])
			}
		}
	}
	return nil
}

// findByName walks the copy: names follow from mappings. It also finds what looks like a name.
func (v *evaluation) findByName(ctx context.Context, objectType directory.ObjectType, to int64, open map[int]*naming) error {
	var cursor int64
	for cursor < to {
		page, err := v.store.Objects(ctx, v.copyID, objectType, cursor, to, previewPageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		cursor = page[len(page)-1].Position
		for _, object := range page {
			value, ok := v.program.FirstMatchValue(object.Object, v.inputs(nil))
			if !ok {
				continue
			}
			text := value.Name()
			for _, n := range open {
				if v.program.Names(value, n.sought) {
					n.hits = append(n.hits, object.Object)
				}
				n.offer(text)
			}
		}
		if len(page) < previewPageSize {
			return nil
		}
	}
	return nil
}

// formerly finds the source anchor of an object that only a link remembers, by its id or by the name it last had.
func (v *evaluation) formerly(ctx context.Context, objectType directory.ObjectType, sought string) (directory.Anchor, error) {
	byID, err := v.store.LinksBySource(ctx, v.jobID, objectType, []directory.Anchor{directory.Anchor(sought)})
	if err != nil {
		return "", err
	}
	if link, ok := byID[directory.Anchor(sought)]; ok {
		return link.Source, nil
	}
	for _, set := range v.program.MatchSets(objectType) {
		if len(set) > 1 {
			continue // the name does not say where one value ends
		}
		key := v.program.MatchKey(set[0], directory.Text(sought))
		byName, err := v.store.LinksByMatchKey(ctx, v.jobID, objectType, []string{key})
		if err != nil {
			return "", err
		}
		if links := byName[key]; len(links) == 1 {
			return links[0].Source, nil
		}
	}
	return "", nil
}

// name is the first matching value of an object, or empty.
func (v *evaluation) name(object directory.Object) string {
	value, ok := v.program.FirstMatchValue(object, v.inputs(nil))
	if !ok {
		return ""
	}
	return value.Name()
}

// naming is the search for one name.
type naming struct {
	sought string
	hits   []directory.Object
	near   []similar
}

type similar struct {
	name     string
	distance int
}

// maxSimilar is how many names are offered in the place of one that nobody has.
const maxSimilar = 3

// offer remembers a name that looks like the one that is sought.
func (n *naming) offer(name string) {
	sought, lower := strings.ToLower(n.sought), strings.ToLower(name)
	if abs(len(sought)-len(lower)) > len(sought) && !strings.HasPrefix(lower, sought) || len(lower) > 200 || len(sought) > 200 {
		return
	}
	candidate := similar{name, expression.Distance(sought, lower)}
	// Of addresses only the first part tells people apart.
	person, _, _ := strings.Cut(sought, "@")
	if candidate.distance > 1+len(person)/4 && (len(sought) < 2 || !strings.HasPrefix(lower, sought)) {
		return
	}
	n.near = append(n.near, candidate)
	slices.SortFunc(n.near, func(a, b similar) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	n.near = slices.Compact(n.near)
	n.near = n.near[:min(len(n.near), maxSimilar)]
}

func (n *naming) answer(objectType directory.ObjectType, jobID string, matching []engine.MatchSet) (object directory.Object, known bool, err error) {
	switch len(n.hits) {
	case 1:
		return n.hits[0], true, nil
	case 0:
		message := fmt.Sprintf("job %s: no %s of the source has the id %q", jobID, objectType, n.sought)
		if len(matching) > 0 {
			message += ", and none has it as its " + matching[0].String()
		}
		if len(n.near) > 0 {
			names := make([]string, len(n.near))
			for i, near := range n.near {
				names[i] = near.name
			}
			message += ". Nearest: " + strings.Join(names, ", ")
		}
		return directory.Object{}, false, directory.Errorf(directory.NotFound, "%s", message)
	default:
		const most = 20
		ids := make([]string, 0, most)
		for _, hit := range n.hits[:min(len(n.hits), most)] {
			ids = append(ids, string(hit.Anchor))
		}
		slices.Sort(ids)
		return directory.Object{}, false, directory.Errorf(directory.Invalid, "job %s: %q names %d %ss; give one of their ids: %s",
			jobID, n.sought, len(n.hits), objectType, strings.Join(ids, ", "))
	}
}

func abs(n int) int { return max(n, -n) }

// reader is an evaluation that contacts nobody: nothing is found in the target, and what mappings generate is the same each
// time.
func (e *Engine) reader(jobID string, ready prepared) *evaluation {
	return &evaluation{
		store: e.Store, program: ready.program, jobID: jobID, copyID: ready.copyID, now: e.Now(), random: sameEachTime(),
		matcher: noMatcher{}, size: previewPageSize, claims: map[string]directory.Anchor{},
	}
}

// dossier is what the engine remembers of one object besides its link.
type dossier struct {
	escrow *store.Escrow
	staged *store.Staged
}

// dossiers returns what is remembered of objects, by key; groups whose members are in doubt have the type membersInDoubt.
func dossiers(ctx context.Context, from store.Store, jobID string) (map[store.LinkKey]dossier, error) {
	all := map[store.LinkKey]dossier{}
	var after store.LinkKey
	for {
		page, err := from.ListEscrow(ctx, jobID, after, previewPageSize)
		if err != nil {
			return nil, err
		}
		for _, entry := range page {
			after = entry.LinkKey
			all[entry.LinkKey] = dossier{escrow: &entry}
		}
		if len(page) < previewPageSize {
			break
		}
	}
	after = store.LinkKey{}
	for {
		page, err := from.ListStaged(ctx, jobID, after, previewPageSize)
		if err != nil {
			return nil, err
		}
		for _, entry := range page {
			after = entry.LinkKey
			known := all[entry.LinkKey]
			known.staged = &entry
			all[entry.LinkKey] = known
		}
		if len(page) < previewPageSize {
			return all, nil
		}
	}
}

package wikiapp

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// record is one stored resource. Its attribute tree is never changed in place: a write stores a new record, so that an
// answer can be encoded after the lock is released.
type record struct {
	id       string
	seq      uint64
	created  time.Time
	modified time.Time
	attrs    map[string]any
	members  *memberSet // groups only; guarded by the App's lock
}

func (r *record) text(name string) string {
	s, _ := r.attrs[name].(string)
	return s
}

// collection holds the resources of one kind in the order they were created, with indexes for the attributes clients match
// by. The App's lock guards it.
type collection struct {
	kind       *resourceType
	next       uint64
	byID       map[string]*record
	byName     map[string]*record   // lower-cased value of the naming attribute
	byExternal map[string][]*record // externalId is not unique
	order      []*record            // by seq
}

func newCollection(kind *resourceType) *collection {
	return &collection{kind: kind, byID: map[string]*record{}, byName: map[string]*record{}, byExternal: map[string][]*record{}}
}

func (c *collection) name(r *record) string { return r.text(c.kind.naming) }

// named finds the resource with that user name or display name.
func (c *collection) named(name string) *record { return c.byName[strings.ToLower(name)] }

// insert adds a record at the end of the order.
func (c *collection) insert(r *record) {
	c.next++
	r.seq = c.next
	c.order = append(c.order, r)
	c.index(r)
}

// swap puts a changed record in the place of the old one.
func (c *collection) swap(old, changed *record) {
	c.unindex(old)
	c.order[c.position(old)] = changed
	c.index(changed)
}

func (c *collection) remove(r *record) {
	c.unindex(r)
	i := c.position(r)
	c.order = slices.Delete(c.order, i, i+1)
}

func (c *collection) position(r *record) int {
	i, _ := slices.BinarySearchFunc(c.order, r.seq, func(e *record, seq uint64) int { return cmp.Compare(e.seq, seq) })
	return i
}

func (c *collection) index(r *record) {
	c.byID[r.id] = r
	c.byName[strings.ToLower(c.name(r))] = r
	if ext := r.text("externalId"); ext != "" {
		c.byExternal[ext] = append(c.byExternal[ext], r)
	}
}

func (c *collection) unindex(r *record) {
	delete(c.byID, r.id)
	delete(c.byName, strings.ToLower(c.name(r)))
	ext := r.text("externalId")
	rest := slices.DeleteFunc(c.byExternal[ext], func(e *record) bool { return e == r })
	if len(rest) == 0 {
		delete(c.byExternal, ext)
	} else {
		c.byExternal[ext] = rest
	}
}

// candidates are the only records that can match e, in order: those an index finds for an "eq" that must hold, and
// everything when there is none.
func (c *collection) candidates(e expr) []*record {
	switch e := e.(type) {
	case both:
		left, right := c.candidates(e.left), c.candidates(e.right)
		if len(right) < len(left) {
			return right
		}
		return left
	case compare:
		value, ok := e.value.(string)
		if e.op != opEqual || !ok || e.at.ext != nil {
			break
		}
		switch e.at.attr.name {
		case "id":
			return found(c.byID[value])
		case c.kind.naming:
			return found(c.byName[value]) // newCompare has lower-cased it
		case "externalId":
			out := slices.Clone(c.byExternal[value])
			slices.SortFunc(out, func(a, b *record) int { return cmp.Compare(a.seq, b.seq) })
			return out
		}
	}
	return c.order
}

func found(r *record) []*record {
	if r == nil {
		return nil
	}
	return []*record{r}
}

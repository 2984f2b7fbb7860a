package wikiapp

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

func (q request) view(r *record) view { return view{q.app, q.c.kind, r, q.base} }

func (q request) find() (*record, error) {
	r := q.c.byID[q.id]
	if r == nil {
		return nil, notFound("there is no %s with id %q", q.c.kind.name, q.id)
	}
	return r, nil
}

func (q request) get() (reply, error) {
	want := readProjection(q.c.kind, q.http.URL.Query())
	q.app.mu.RLock()
	defer q.app.mu.RUnlock()
	r, err := q.find()
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: q.view(r).render(want), touched: q.c.name(r)}, nil
}

func (q request) create() (reply, error) {
	body, err := q.readBody()
	if err != nil {
		return reply{}, err
	}
	doc, err := readDocument(q.c.kind, body)
	if err != nil {
		return reply{}, err
	}
	a := q.app
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.options.Now()
	r := &record{id: newID(), created: now, modified: now, attrs: doc.attrs}
	out := reply{touched: q.c.name(r)}
	if err := q.admit(nil, r, doc.members); err != nil {
		return out, err
	}
	if q.c == a.groups {
		r.members = newMemberSet()
	}
	q.c.insert(r)
	for _, id := range doc.members {
		a.join(r, id)
	}
	v := q.view(r)
	out.status, out.location = http.StatusCreated, v.location()
	out.body = v.render(readProjection(q.c.kind, q.http.URL.Query()))
	return out, nil
}

func (q request) put() (reply, error) {
	body, err := q.readBody()
	if err != nil {
		return reply{}, err
	}
	doc, err := readDocument(q.c.kind, body)
	if err != nil {
		return reply{}, err
	}
	a := q.app
	a.mu.Lock()
	defer a.mu.Unlock()
	old, err := q.find()
	if err != nil {
		return reply{}, err
	}
	var members *memberEdit
	if old.members != nil {
		members = newMemberEdit(old.members, nil)
		members.clear()
		for _, id := range doc.members {
			members.add(id)
		}
	}
	changed, _, err := q.store(old, doc.attrs, members)
	if err != nil {
		return reply{touched: q.c.name(old)}, err
	}
	want := readProjection(q.c.kind, q.http.URL.Query())
	return reply{status: http.StatusOK, body: q.view(changed).render(want), touched: q.c.name(changed)}, nil
}

func (q request) patch() (reply, error) {
	body, err := q.readBody()
	if err != nil {
		return reply{}, err
	}
	ops, err := readPatch(q.c.kind, body)
	if err != nil {
		return reply{}, err
	}
	a := q.app
	a.mu.Lock()
	defer a.mu.Unlock()
	old, err := q.find()
	if err != nil {
		return reply{}, err
	}
	out := reply{touched: q.c.name(old)}
	d := draft{kind: q.c.kind}
	d.attrs, _ = cloned(old.attrs).(map[string]any)
	if old.members != nil {
		d.members = newMemberEdit(old.members, func(ids []string) []any { return a.describeMembers(ids, q.base) })
	}
	for i, op := range ops {
		if err := d.apply(op); err != nil {
			return out, inOperation(i, len(ops), err)
		}
	}
	if err := complete(q.c.kind, d.attrs); err != nil {
		return out, err
	}
	changed, moved, err := q.store(old, d.attrs, d.members)
	if err != nil {
		return out, err
	}
	out.touched = q.c.name(changed) + summary(ops, moved)
	want := readProjection(q.c.kind, q.http.URL.Query())
	if q.c == a.groups && !want.asked {
		out.status = http.StatusNoContent
		return out, nil
	}
	out.status, out.body = http.StatusOK, q.view(changed).render(want)
	return out, nil
}

func (q request) delete() (reply, error) {
	a := q.app
	a.mu.Lock()
	defer a.mu.Unlock()
	r, err := q.find()
	if err != nil {
		return reply{}, err
	}
	if r.members != nil {
		for _, id := range r.members.ids() {
			a.leave(r, id)
		}
	} else {
		for _, group := range a.groupsOf(r.id) {
			a.leave(group, r.id)
		}
	}
	q.c.remove(r)
	return reply{status: http.StatusNoContent, touched: q.c.name(r)}, nil
}

// store puts changed attributes and members in the place of the old ones, and tells how many members joined and left. A
// change that changes nothing keeps "lastModified" (RFC 7644 3.5.2.1).
func (q request) store(old *record, attrs map[string]any, members *memberEdit) (*record, string, error) {
	changed := *old
	changed.attrs = attrs
	var joins, leaves []string
	if members != nil {
		joins, leaves = members.difference()
	}
	if err := q.admit(old, &changed, joins); err != nil {
		return nil, "", err
	}
	if len(joins)+len(leaves) > 0 || !reflect.DeepEqual(old.attrs, attrs) {
		changed.modified = q.app.options.Now()
	}
	q.c.swap(old, &changed)
	for _, id := range leaves {
		q.app.leave(&changed, id)
	}
	for _, id := range joins {
		q.app.join(&changed, id)
	}
	moved := ""
	if len(joins)+len(leaves) > 0 {
		moved = fmt.Sprintf(" (+%d -%d members)", len(joins), len(leaves))
	}
	return &changed, moved, nil
}

// admit checks what only the whole application can know: that the name is free, and that everyone referred to exists.
func (q request) admit(old, r *record, joins []string) error {
	name := q.c.name(r)
	if other := q.c.named(name); other != nil && other != old {
		return &fault{http.StatusConflict, "uniqueness", fmt.Sprintf("%s %q is taken", q.c.kind.naming, name)}
	}
	for _, id := range joins {
		if q.app.users.byID[id] == nil {
			return invalidValue("there is no user with id %q to be a member", id)
		}
	}
	if id := managerOf(r); id != "" && (old == nil || managerOf(old) != id) && q.app.users.byID[id] == nil {
		return invalidValue("there is no user with id %q to be the manager", id)
	}
	return nil
}

func managerOf(r *record) string {
	work, _ := r.attrs[urnEnterprise].(map[string]any)
	manager, _ := work["manager"].(map[string]any)
	id, _ := manager["value"].(string)
	return id
}

// summary tells the log what a PATCH was about: which attributes, never their values.
func summary(ops []operation, moved string) string {
	if moved != "" {
		return moved
	}
	var parts []string
	for _, op := range ops {
		what := op.at.String()
		if op.whole {
			what = "several attributes"
		}
		if op.at.ext != nil && op.at.attr != nil {
			what = op.at.attr.name
		}
		if what == "active" {
			what = fmt.Sprintf("active=%v", op.value)
		}
		if part := op.verb + " " + what; !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	const shown = 6
	more := ""
	if len(parts) > shown {
		more = fmt.Sprintf(", and %d more", len(parts)-shown)
		parts = parts[:shown]
	}
	return ": " + strings.Join(parts, ", ") + more
}

// inOperation says which operation of several was refused.
func inOperation(i, of int, err error) error {
	var f *fault
	ok := errors.As(err, &f)
	if !ok || of == 1 {
		return err
	}
	return &fault{f.status, f.scimType, fmt.Sprintf("operation %d: %s", i+1, f.detail)}
}

// newID is a random UUID. Ids must not repeat after a restart with empty state: a client may still hold the old ones.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

package scim

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// The forms of Options.UpdateMethod and topicUpdateMethod.
const (
	updateAuto  = "auto"
	updatePatch = "patch"
	updatePut   = "put"
)

// puts reports whether resources are written whole, because the target cannot PATCH them (scim-client.md 17, row 15).
func (c *Connector) puts(at endpoint) bool {
	return c.updateMethod == updatePut || c.mayPut() && c.client.learned.form(topicUpdateMethod, at.name) == updatePut
}

// mayPut reports whether PUT may be used where PATCH is not there.
func (c *Connector) mayPut() bool { return c.updateMethod != updatePatch }

// lacksPatch reports whether the target cannot PATCH, and may be written in another way.
func (c *Connector) lacksPatch(err error) bool {
	_, answered := refused(err)
	return answered && directory.KindOf(err) == directory.Unsupported && c.mayPut()
}

// insteadOfPatch tries PUT where PATCH was refused, and remembers when that is accepted. A target that has neither is told
// about by the answer to PATCH.
func (c *Connector) insteadOfPatch(at endpoint, refusal error, put func() error) error {
	err := put()
	if _, answered := refused(err); answered && directory.KindOf(err) == directory.Unsupported {
		return refusal
	}
	if err == nil {
		c.client.learned.learn(topicUpdateMethod, at.name, updatePut, "it has no PATCH")
	}
	return err
}

// put writes a resource whole: it is read, changed, and written if nobody changed it meanwhile. Everything that is not
// changed stays as it was delivered, known or not; what is the server's own is left out.
func (c *Connector) put(ctx context.Context, at endpoint, target directory.Anchor, change func(resource) (changed bool, err error)) error {
	lean := at.query != ""
	at.query = ""
	for last := false; ; last = true {
		r, version, err := c.readVersion(ctx, at, target)
		if err != nil {
			return err
		}
		if at.name == "Group" {
			if err := c.checkMembersTold(ctx, at, r); err != nil {
				return err
			}
		}
		changed, err := change(r)
		if err != nil || !changed {
			return err
		}
		delete(r, r.key("meta"))
		delete(r, r.key("groups"))
		sent := byID(http.MethodPut, at, target)
		sent.body, sent.match, sent.lean = r, version, lean
		a, err := c.client.send(ctx, sent)
		if told, _ := refused(err); told.status == http.StatusPreconditionFailed && !last {
			continue
		}
		if err != nil {
			return err
		}
		if _, err = c.resourceOf(sent, a, target); err != nil || at.name != "Group" {
			return err
		}
		c.checkWhole(ctx, at, target, r)
		return nil
	}
}

// checkWhole reads a group that was written back, until as many members were seen in one: a target that shows some of them is not
// written whole again, because that would remove the others.
func (c *Connector) checkWhole(ctx context.Context, at endpoint, target directory.Anchor, sent resource) {
	written, _, err := c.membersIn(sent)
	if err != nil || int64(len(written)) <= c.mostMembers.Load() {
		return
	}
	shown, told, err := c.groupMembers(ctx, at, target)
	switch {
	case err != nil || !told:
	case len(shown) < len(written):
		c.client.learned.learn(topicMembersTold, "", membersInPart, fmt.Sprintf("it delivered %d of %d members that had just been written", len(shown), len(written)))
	default:
		c.mostMembers.Store(int64(len(written)))
	}
}

// readVersion reads a resource and its version, empty when the target has none (RFC 7644 3.14).
func (c *Connector) readVersion(ctx context.Context, at endpoint, target directory.Anchor) (resource, string, error) {
	r, header, err := c.readWith(ctx, at, target)
	if err != nil {
		return nil, "", err
	}
	if tag := header.Get("ETag"); tag != "" {
		return r, tag, nil
	}
	meta, _ := asResource(r.get("meta"))
	version, _ := meta.get("version").(string)
	return r, version, nil
}

// checkMembersTold refuses to write a group whose members the target keeps to itself: a PUT without them would remove them
// all. An answer without members is no proof, because an empty group may look the same: then another group must show some.
func (c *Connector) checkMembersTold(ctx context.Context, at endpoint, r resource) error {
	if c.client.learned.form(topicMembersTold, "") == membersInPart {
		return directory.Errorf(directory.Unsupported, "PUT %s: the target has no PATCH and delivers some of the members of a group, so writing it would remove the others; "+
			"do not provision groups to this target, or ask its vendor for PATCH", at.path)
	}
	members, told, err := c.membersIn(r)
	if total, _ := count(r.get("totalResults")); err == nil && total > len(members) {
		return directory.Errorf(directory.Unsupported, "PUT %s: the target has no PATCH and delivers %d of %d members of the group, so writing it would remove the others; "+
			"do not provision groups to this target, or ask its vendor for PATCH", at.path, len(members), total)
	}
	if err != nil || told {
		return err
	}
	some, err := c.client.getPage(ctx, at, "startIndex=1", "count=20")
	if err != nil {
		return err
	}
	for _, other := range some.resources {
		if _, told, err := c.membersIn(other); err != nil || told {
			return err
		}
	}
	if c.tryTelling(ctx, at) {
		return nil
	}
	return directory.Errorf(directory.Unsupported, "PUT %s: the target has no PATCH and does not tell the members of groups, so writing a group would empty it; "+
		"do not provision groups to this target, or ask its vendor for PATCH", at.path)
}

// tryTelling finds out on a throw-away group with one member whether the target tells members.
func (c *Connector) tryTelling(ctx context.Context, at endpoint) bool {
	release, err := c.locks.acquire(ctx, trialName)
	if err != nil {
		return false
	}
	defer release()
	if c.client.learned.form(topicMembersTold, "") == membersAreTold || c.tellingTried {
		return c.client.learned.form(topicMembersTold, "") == membersAreTold
	}
	c.tellingTried = true
	users, err := c.someUsers(ctx, nil, 1)
	if err != nil {
		return false
	}
	group, discard, err := c.trialGroup(ctx, at, users)
	if err != nil {
		return false
	}
	defer discard()
	there, _, err := c.groupMembers(ctx, at, group)
	return err == nil && there[users[0]]
}

// putUpdate writes the changes of an account with PUT.
func (c *Connector) putUpdate(ctx context.Context, p profile, at endpoint, operation connector.Operation) error {
	return c.put(ctx, at, operation.Target, func(r resource) (bool, error) {
		changed := false
		for _, change := range operation.Changes {
			path, err := ParsePath(change.Attribute)
			if err != nil {
				return false, invalid("", "%v", err)
			}
			path = path.resolved()
			if change.Add && (path.FilterBy != "" || takesOne(path)) {
				return false, invalid("", "attribute %s takes one value, so nothing can be added to it", change.Attribute)
			}
			if p.shows(r, change) {
				continue
			}
			changed = true
			if err := p.assign(r, path, change); err != nil {
				return false, err
			}
		}
		return changed, nil
	})
}

// putMembers adds or removes members with PUT.
func (c *Connector) putMembers(ctx context.Context, at endpoint, operation connector.Operation, members []directory.Anchor) error {
	return c.put(ctx, at, operation.Target, func(r resource) (bool, error) {
		there, _, err := c.membersIn(r)
		if err != nil {
			return false, err
		}
		elements, _ := r.get(membersAttribute).([]any)
		before := len(elements)
		if operation.Kind == connector.RemoveMembers {
			elements = slices.DeleteFunc(elements, func(element any) bool {
				member, _ := asResource(element)
				return slices.Contains(members, resource{"id": member.get("value")}.id())
			})
		} else {
			for _, member := range members {
				if !there[member] {
					elements = append(elements, memberElements(member)...)
				}
			}
		}
		if elements == nil {
			elements = []any{}
		}
		r[r.key(membersAttribute)] = elements
		return len(elements) != before, nil
	})
}

// assign stores a change in a resource that a target delivered. Everything else in it stays.
func (p profile) assign(r resource, path Path, change connector.Change) error {
	owner := r
	if path.URN != "" {
		key := r.key(path.URN)
		owner, _ = asResource(r[key])
		if owner == nil {
			owner = resource{}
		}
		r[key] = owner
		schemas, _ := r.get("schemas").([]any)
		if !slices.ContainsFunc(schemas, func(schema any) bool { text, _ := schema.(string); return strings.EqualFold(text, path.URN) }) {
			r[r.key("schemas")] = append(schemas, path.URN)
		}
	}
	key := owner.key(path.Attribute)
	switch {
	case path.FilterBy != "":
		return p.assignElement(owner, key, path, change)
	case path.Sub != "":
		parent, _ := asResource(owner[key])
		if parent == nil {
			parent = resource{}
		}
		store(parent, parent.key(path.Sub), change.Value, plain(change.Value))
		owner[key] = parent
	case change.Add:
		there, _ := owner[key].([]any)
		fresh := change
		fresh.Value = directory.List(missing(change.Value.Elements(), p.read(r, change.Attribute).Elements())...)
		added, _ := p.value(path, fresh).([]any)
		owner[key] = append(there, added...)
	default:
		store(owner, key, change.Value, p.value(path, change))
	}
	return nil
}

// assignElement stores a part of the element that a filter selects, making the element when there is none, and taking it away
// when nothing is left of it.
func (p profile) assignElement(owner resource, key string, path Path, change connector.Change) error {
	selected := p.selected(path)
	elements, _ := owner[key].([]any)
	if selected.FilterBy == "" && len(elements) > 1 {
		return invalid("", "the target keeps nothing that tells the elements of %s apart, and the account has %d", path.Attribute, len(elements))
	}
	find := func(by Path) int {
		return slices.IndexFunc(elements, func(raw any) bool {
			element, isObject := asResource(raw)
			return isObject && (by.FilterBy == "" || selects(by, element))
		})
	}
	at := find(selected)
	if at < 0 {
		at = find(path) // the one that another change has just made
	}
	if at < 0 {
		if change.Value.IsNull() {
			return nil
		}
		owner[key] = append(elements, resource{path.FilterBy: plain(path.filterValue()), path.Sub: plain(change.Value)})
		return nil
	}
	element, _ := asResource(elements[at])
	store(element, element.key(path.Sub), change.Value, plain(change.Value))
	said := 0
	for name := range element {
		if !strings.EqualFold(name, path.FilterBy) && !strings.EqualFold(name, "primary") {
			said++
		}
	}
	if change.Value.IsNull() && said == 0 {
		elements = slices.Delete(elements, at, at+1)
	}
	owner[key] = elements
	return nil
}

// store writes a value, or takes it away when it is null.
func store(r resource, key string, value directory.Value, encoded any) {
	if value.IsNull() {
		delete(r, key)
		return
	}
	r[key] = encoded
}

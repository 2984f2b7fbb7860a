package scim

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// errNoEffect says that a write was answered with success and changed nothing.
var errNoEffect = errors.New("answered with success, and nothing changed")

// formTypes are the scimTypes that a target answers with when it does not take the form of a request, in lower case
// (RFC 7644 3.12); some say nothing.
var formTypes = []string{"", "invalidvalue", "invalidpath", "invalidsyntax", "notarget", "invalidfilter"}

// divisible reports whether a write was refused, so that nothing was written, and a part of it may be accepted.
func divisible(err error) bool {
	if errors.Is(err, errNoEffect) {
		return true
	}
	told, ok := refused(err)
	return ok && directory.KindOf(err) == directory.Invalid &&
		slices.Contains([]int{http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge}, told.status)
}

// mayBeForm reports whether the form of a request may be what was refused, and not its size.
func mayBeForm(err error) bool {
	told, _ := refused(err)
	return told.status != http.StatusRequestEntityTooLarge && slices.Contains(formTypes, strings.ToLower(told.scimType))
}

// tellsMore reports whether an answer says more of an account than which one it is.
func tellsMore(r resource) bool {
	for name := range r {
		if !slices.ContainsFunc([]string{"id", "schemas", "meta"}, func(known string) bool { return strings.EqualFold(known, name) }) {
			return true
		}
	}
	return false
}

// read returns the value of a mapping's attribute.
func (p profile) read(r resource, attribute string) directory.Value {
	path, err := ParsePath(attribute)
	if err != nil {
		return directory.Null()
	}
	return r.read(p.selected(path.resolved()))
}

// shows reports whether an account is as a change wants it.
func (p profile) shows(r resource, change connector.Change) bool {
	have := p.read(r, change.Attribute)
	switch {
	case change.Add:
		return len(missing(change.Value.Elements(), have.Elements())) == 0
	case change.Value.Kind() == directory.KindList:
		return len(missing(change.Value.Elements(), have.Elements())) == 0 && len(missing(have.Elements(), change.Value.Elements())) == 0
	default:
		return have.Equal(change.Value)
	}
}

// settled reports whether an account holds what a change wants, or the target's form of it: case where it does not count (RFC 7643
// 2.2), nothing for an empty text, or an element without what tells it from others (scim-client.md 17, row 19).
func (p profile) settled(r resource, change connector.Change) bool {
	if p.shows(r, change) || p.untold(r, change) {
		return true
	}
	have := p.read(r, change.Attribute)
	if change.Value.IsEmpty() {
		return have.IsEmpty()
	}
	path, err := ParsePath(change.Attribute)
	text, isText := change.Value.Text()
	kept, known := have.Text()
	return err == nil && isText && known && !caseExact(path.resolved()) && strings.EqualFold(text, kept)
}

// untold reports whether an element holds what was written and does not tell that it is the one: the target does not keep what the
// mapping's filter asks for (scim-client.md 17, row 8). Written once more, it would be there twice.
func (p profile) untold(r resource, change connector.Change) bool {
	path, err := ParsePath(change.Attribute)
	if err != nil || path.FilterBy == "" || change.Value.IsNull() {
		return false
	}
	path = path.resolved()
	elements, _ := r.whole(path).([]any)
	return slices.ContainsFunc(elements, func(raw any) bool {
		element, _ := asResource(raw)
		have, err := directory.FromJSON(element.get(path.Sub))
		return element.get(path.FilterBy) == nil && err == nil && have.Equal(change.Value)
	})
}

// unmoved reports whether any change had no effect: the account neither shows it nor anything else than before.
func (p profile) unmoved(changes []connector.Change, before, after resource) bool {
	return slices.ContainsFunc(changes, func(change connector.Change) bool {
		return !p.settled(after, change) && p.read(after, change.Attribute).Equal(p.read(before, change.Attribute))
	})
}

// selectsOnly reports whether a change is about an element that the target finds only by its being the only one.
func (p profile) selectsOnly(changes []connector.Change) bool {
	return slices.ContainsFunc(changes, func(change connector.Change) bool {
		path, err := ParsePath(change.Attribute)
		return err == nil && path.FilterBy != "" && p.selected(path.resolved()).FilterBy == ""
	})
}

// checkEffect looks for changes that had no effect although the target answered with success (scim-client.md 17, row 20). It
// does so when the answer carries the account, which costs nothing, when the first account is switched off: a leaver must not
// stay on because a target says yes to everything; and, in bulk requests, whose answers never carry an account, once for each form of
// operation that targets are known to take and ignore. What did not change is written in the other forms. Otherwise it glances.
func (u *updating) checkEffect(ctx context.Context, sent []patchOperation, answered resource) error {
	c := u.connector
	p := c.dialect()
	u.operation.Changes = slices.DeleteFunc(slices.Clone(u.operation.Changes), func(change connector.Change) bool { return slices.Contains(u.left, change.Attribute) })
	if !tellsMore(answered) {
		mustSee := !c.switchedOff.Load() && slices.ContainsFunc(u.operation.Changes, turnsOff)
		if !mustSee && (!u.inBulk || u.at.name != "User" || c.effective(sent)) {
			u.glance(ctx)
			return nil
		}
		answered = u.seen(ctx)
		c.unglanced(u.operation.Changes)
	}
	if !tellsMore(answered) {
		return nil
	}
	if len(u.suspects(p, answered)) == 0 {
		c.learnSelectionsFrom(u.operation.Changes, answered, false)
		c.tookEffect(sent)
		u.sawOff(ctx, answered)
		return nil
	}
	after := u.seen(ctx)
	if after == nil {
		// Nobody says that it was not written.
		return nil
	}
	u.operation.Changes = u.suspects(p, after)
	u.know(p, after)
	none := u.noEffect(http.MethodPatch)
	for _, unit := range u.units(p, after) {
		err := u.write(ctx, attempt{before: after, unit: unit, tried: [][]patchOperation{sent}, refusal: none, verify: true})
		if err != nil {
			u.leave(unit, err)
		}
	}
	u.learnDivided(sent)
	return nil
}

// mayBeIgnored tells the operations apart that some targets answer with success and do nothing about: capitalised ones, those on an
// element that a filter selects, and those without a path (scim-client.md 17, rows 1, 8 and 10; real-targets.md). Empty: this is none.
func (o patchOperation) mayBeIgnored() string {
	switch {
	case o.Op != strings.ToLower(o.Op):
		return o.Op + " " + o.Path
	case o.Path == "", strings.Contains(o.Path, "["):
		return o.Path + " without path or with a filter"
	default:
		return ""
	}
}

// effective reports whether each operation was seen to have an effect, on this account or another.
func (c *Connector) effective(operations []patchOperation) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !slices.ContainsFunc(operations, func(o patchOperation) bool { form := o.mayBeIgnored(); return form != "" && !c.seenForms[form] })
}

// tookEffect remembers that an account shows what was written.
func (c *Connector) tookEffect(operations []patchOperation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range operations {
		c.seenForms[o.mayBeIgnored()] = true
	}
}

func (u *updating) noEffect(method string) error {
	return directory.Errorf(directory.Incompatible, "%s %s: %w; the target may not know the attribute, or want it in another form", method, u.at.path, errNoEffect)
}

// suspects are the changes that an account does not show: it holds what it is known to have held before.
func (u *updating) suspects(p profile, r resource) []connector.Change {
	var suspects []connector.Change
	for _, change := range u.operation.Changes {
		have := p.read(r, change.Attribute)
		on, told := have.AsBoolean()
		// What an account held is not known after an update whose outcome nobody knows; that it is on is plain.
		stayedOn := turnsOff(change) && told && on
		if !p.settled(r, change) && (stayedOn || have.Equal(u.operation.Current[change.Attribute])) {
			suspects = append(suspects, change)
		}
	}
	return suspects
}

// maxGiveUps is how often an attribute is tried in the other forms before its value is taken for what is wrong, and how often a
// new account is tried with less in it before it is the target that takes nobody.
const maxGiveUps = 3

// giveUp counts that no form of changes was accepted.
func (c *Connector) giveUp(changes []connector.Change) {
	for _, change := range changes {
		c.giveUpOn(change.Attribute)
	}
}

// giveUpOn counts that nothing helped with an attribute, or with the accounts of an endpoint.
func (c *Connector) giveUpOn(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.givenUpOn[what]++
}

// refusals is how often nothing helped.
func (c *Connector) refusals(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.givenUpOn[what]
}

// givenUp reports whether trying other forms is hopeless by now: whatever is written to so many accounts, it is refused.
func (c *Connector) givenUp(changes []connector.Change) bool {
	return slices.ContainsFunc(changes, func(change connector.Change) bool { return c.refusals(change.Attribute) >= maxGiveUps })
}

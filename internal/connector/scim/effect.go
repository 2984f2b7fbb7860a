package scim

import (
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

// divisible reports whether a PATCH was refused, so that nothing was written, and a part of it may be accepted.
func divisible(err error) bool {
	if errors.Is(err, errNoEffect) {
		return true
	}
	told, ok := refused(err)
	return ok && directory.KindOf(err) == directory.Invalid &&
		(told.status == http.StatusBadRequest || told.status == http.StatusUnprocessableEntity)
}

// mayBeForm reports whether the form of a request may be what was refused.
func mayBeForm(err error) bool {
	told, _ := refused(err)
	return slices.Contains(formTypes, strings.ToLower(told.scimType))
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

// unmoved reports whether any change had no effect: the account neither shows it nor anything else than before.
func (p profile) unmoved(changes []connector.Change, before, after resource) bool {
	return slices.ContainsFunc(changes, func(change connector.Change) bool {
		return !p.shows(after, change) && p.read(after, change.Attribute).Equal(p.read(before, change.Attribute))
	})
}

// selectsOnly reports whether a change is about an element that the target finds only by its being the only one.
func (p profile) selectsOnly(changes []connector.Change) bool {
	return slices.ContainsFunc(changes, func(change connector.Change) bool {
		path, err := ParsePath(change.Attribute)
		return err == nil && path.FilterBy != "" && p.selected(path.resolved()).FilterBy == ""
	})
}

// maxGiveUps is how often an attribute is tried in the other forms before its value is taken for what is wrong.
const maxGiveUps = 3

// giveUp counts that no form of changes was accepted.
func (c *Connector) giveUp(changes []connector.Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, change := range changes {
		c.givenUpOn[change.Attribute]++
	}
}

// givenUp reports whether trying other forms is hopeless by now: whatever is written to so many accounts, it is refused.
func (c *Connector) givenUp(changes []connector.Change) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(changes, func(change connector.Change) bool { return c.givenUpOn[change.Attribute] >= maxGiveUps })
}

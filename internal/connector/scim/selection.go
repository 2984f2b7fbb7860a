package scim

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// learnSelections finds out from the answer to a create by what the target tells elements apart, when it does not keep what
// a mapping's filter asks for (scim-client.md 17, row 8): the value that was sent is in one element, and only there. An answer
// without elements says nothing; then one account is read.
func (c *Connector) learnSelections(ctx context.Context, at endpoint, changes []connector.Change, made resource) {
	if c.mustLook(changes, made) {
		if made = c.seen(ctx, at, made.id()); made == nil {
			return
		}
	}
	c.learnSelectionsFrom(changes, made, true)
}

// learnSelectionsFrom learns from an account that holds what was written. Of one that is not fresh, elements that tell that they
// are others were there before.
func (c *Connector) learnSelectionsFrom(changes []connector.Change, made resource, fresh bool) {
	p := c.dialect()
	for _, change := range changes {
		path, err := ParsePath(change.Attribute)
		sent, isText := change.Value.Text()
		if err != nil || !isText || path.FilterBy == "" || change.Value.Kind() != directory.KindText {
			continue
		}
		path = path.resolved()
		elements, _ := made.whole(path).([]any)
		if len(elements) == 0 || !made.read(p.selected(path)).IsNull() {
			continue
		}
		form, holders, primaries := "", 0, 0
		for _, raw := range elements {
			element, _ := asResource(raw)
			first := element.get("primary") == true
			if first {
				primaries++
			}
			if element.get(path.Sub) != sent || !fresh && element.get(path.FilterBy) != nil {
				continue
			}
			if holders++; first {
				form = selectPrimary
			}
		}
		switch {
		case holders == 1 && form == selectPrimary && primaries == 1:
		case holders == 1 && len(elements) == 1:
			form = selectOnly
		default:
			continue
		}
		c.client.learned.learn(topicSelector, path.element().String(), form, "it did not keep what tells the element of an account")
	}
}

// mustLook reports whether an account has to be read to know how its elements are kept: once for each element.
func (c *Connector) mustLook(changes []connector.Change, made resource) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	look := false
	for _, change := range changes {
		path, err := ParsePath(change.Attribute)
		if err != nil || path.FilterBy == "" || change.Value.IsNull() || made.whole(path.resolved()) != nil {
			continue
		}
		element := path.resolved().element().String()
		look = look || !c.looked[element]
		c.looked[element] = true
	}
	return look
}

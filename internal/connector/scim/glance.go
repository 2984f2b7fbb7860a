package scim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
)

// glance looks whether a change of a value had an effect, where answers say nothing of the account: once for each attribute and
// connector. What still is what it was when the account is read twice is told. It counts as written all the same, and is not
// tried in other forms: a target that reads from a copy shows an old value for a while, and would teach a form that it does not take.
func (u *updating) glance(ctx context.Context) {
	c := u.connector
	looked := c.unglanced(slices.DeleteFunc(slices.Clone(u.operation.Changes), func(change connector.Change) bool {
		old := u.operation.Current[change.Attribute]
		return old.IsNull() || old.Equal(change.Value)
	}))
	if len(looked) == 0 {
		return
	}
	p := c.dialect()
	unmoved := func() (attributes []string, told bool) {
		r := u.seen(ctx)
		for _, change := range u.suspects(p, r) {
			if slices.Contains(looked, change.Attribute) {
				attributes = append(attributes, change.Attribute)
			}
		}
		return attributes, tellsMore(r)
	}
	same, told := unmoved()
	if told && len(same) > 0 {
		same, told = unmoved()
	}
	if !told {
		return
	}
	for _, attribute := range looked {
		if slices.Contains(same, attribute) {
			c.client.learned.learn(topicEffect, attribute, "not seen", "it answered an update with success, and the account held the old value afterwards")
		} else {
			c.client.learned.forget(topicEffect, attribute)
		}
	}
	if len(same) > 0 {
		u.remark = fmt.Sprintf("the target %v: %s still is what it was; the target may show changes late, or not let it be changed", errNoEffect, strings.Join(same, ", "))
	}
}

// unglanced returns the attributes of changes whose effect nobody has looked for yet, and takes them for looked for.
func (c *Connector) unglanced(changes []connector.Change) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var fresh []string
	for _, change := range changes {
		if !c.glanced[change.Attribute] {
			c.glanced[change.Attribute] = true
			fresh = append(fresh, change.Attribute)
		}
	}
	return fresh
}

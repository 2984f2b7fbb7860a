package scim

import (
	"context"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// atPlace returns what is known of a new account of which a bulk answer tells nothing but the place. The first one is read: a target
// that mixes its answers up gives one person's account to another, and from then on somebody writes to the wrong one. What cannot be
// read is believed.
func (c *Connector) atPlace(ctx context.Context, item bulkItem, place directory.Anchor) (resource, error) {
	told := resource{"id": string(place)}
	if c.placesTrue.Load() {
		return told, nil
	}
	r := c.seen(ctx, item.at, place)
	if r == nil {
		return told, nil
	}
	switch owner(item.operation, r, false) {
	case foreign:
		c.noBulk("it gave the place of another account to one that was created in a bulk request")
		sent := item.request
		return nil, c.client.incompatibleAnswer(sent, answer{path: sent.path, status: 201}, fmt.Sprintf("the place of another account, %q", c.client.redact(string(place))))
	case ours:
		c.placesTrue.Store(true)
	}
	return r, nil
}

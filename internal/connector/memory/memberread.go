package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var _ connector.MemberReader = (*Connector)(nil)

// Members returns the members of a group.
func (c *Connector) Members(ctx context.Context, group directory.Anchor) ([]directory.Anchor, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls.Members++
	if err := ended(ctx, "read the members of "+string(group)); err != nil {
		return nil, err
	}
	kept := c.entries[directory.Group][group]
	if kept == nil {
		return nil, missing("read the members of", directory.Group, group)
	}
	return slices.Sorted(maps.Keys(kept.members)), nil
}

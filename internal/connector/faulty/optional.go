package faulty

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var (
	_ connector.Discoverer   = (*Connector)(nil)
	_ connector.MemberReader = (*Connector)(nil)
	_ connector.Learner      = (*Connector)(nil)
	_ connector.ManyFinder   = (*Connector)(nil)
)

// Discover passes on, or fails; Unsupported when what is wrapped cannot do it.
func (c *Connector) Discover(ctx context.Context) (discovery connector.Discovery, err error) {
	inner, ok := c.inner.(connector.Discoverer)
	if !ok {
		return discovery, directory.Errorf(directory.Unsupported, "this connector cannot describe its target")
	}
	err = c.run(Call{Method: Discover}, func(Fault) (err error) {
		discovery, err = inner.Discover(ctx)
		return err
	})
	if err != nil {
		return connector.Discovery{}, err
	}
	return discovery, nil
}

// FindMany passes on what does not fail, as one call for each query.
func (c *Connector) FindMany(ctx context.Context, queries []connector.Query) ([]connector.Found, error) {
	inner, ok := c.inner.(connector.ManyFinder)
	if !ok {
		return nil, directory.Errorf(directory.Unsupported, "this connector takes one query at a time")
	}
	found, err := inner.FindMany(ctx, queries)
	if err != nil {
		return nil, err
	}
	for i, query := range queries {
		err := c.run(Call{Method: Find, Type: query.Type, Subject: query.Value.String()}, func(fault Fault) error {
			for j := range found[i].Accounts {
				if fault == WrongID {
					found[i].Accounts[j].Anchor = WrongAnchor
				}
			}
			return found[i].Err
		})
		if found[i].Err = err; err != nil {
			found[i].Accounts = nil
		}
	}
	return found, nil
}

// Learned passes on; it is not a call to the target. What is wrapped may know nothing.
func (c *Connector) Learned() connector.Learning {
	if inner, ok := c.inner.(connector.Learner); ok {
		return inner.Learned()
	}
	return connector.Learning{}
}

// Members passes on, or fails; Unsupported when what is wrapped cannot do it.
func (c *Connector) Members(ctx context.Context, group directory.Anchor) (members []directory.Anchor, err error) {
	inner, ok := c.inner.(connector.MemberReader)
	if !ok {
		return nil, directory.Errorf(directory.Unsupported, "this connector cannot tell the members of a group")
	}
	err = c.run(Call{Method: Members, Type: directory.Group, Subject: string(group)}, func(Fault) (err error) {
		members, err = inner.Members(ctx, group)
		return err
	})
	if err != nil {
		return nil, err
	}
	return members, nil
}

package faulty

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var (
	_ connector.Discoverer = (*Connector)(nil)
	_ connector.Learner    = (*Connector)(nil)
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

// Learned passes on; it is not a call to the target. What is wrapped may know nothing.
func (c *Connector) Learned() connector.Learning {
	if inner, ok := c.inner.(connector.Learner); ok {
		return inner.Learned()
	}
	return connector.Learning{}
}

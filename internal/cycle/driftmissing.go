package cycle

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// missing finds linked accounts that were not listed, and asks for each of them: a page may have been skipped because the
// target changed meanwhile. What is there after all is compared like the others.
func (c *driftCheck) missing(ctx context.Context, objectType directory.ObjectType) error {
	var after directory.Anchor
	for {
		page, err := c.store.ListLinks(ctx, c.jobID, objectType, after, previewPageSize)
		if err != nil {
			return c.fail(err)
		}
		var asking []store.Link
		for _, link := range page {
			after = link.Source
			if _, listed := c.listed[maphash.String(c.seed, string(link.Target))]; link.Managed && !listed {
				asking = append(asking, link)
			}
		}
		if err := c.ask(ctx, objectType, asking); err != nil {
			return err
		}
		if len(page) < previewPageSize {
			return nil
		}
	}
}

func (c *driftCheck) ask(ctx context.Context, objectType directory.ObjectType, asking []store.Link) error {
	accounts := make([]connector.Account, len(asking))
	gone := make([]bool, len(asking))
	group, asked := errgroup.WithContext(ctx)
	group.SetLimit(max(1, c.connector.Capabilities().Concurrency))
	for i, link := range asking {
		group.Go(func() (err error) {
			accounts[i], err = c.connector.Get(asked, objectType, link.Target, c.program.Targets(objectType))
			if errors.Is(err, directory.NotFound) {
				gone[i], err = true, nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var there []connector.Account
	for i, link := range asking {
		if !gone[i] {
			there = append(there, accounts[i])
			continue
		}
		c.compared++
		c.put(store.Drift{LinkKey: link.LinkKey, Target: link.Target, Name: link.Name, Managed: true, Kind: store.DriftGone})
	}
	if len(there) == 0 {
		return nil
	}
	return c.fail(c.page(ctx, objectType, there))
}

// unfinished keeps the drift of accounts whose repair was begun and not recorded: what they hold is in doubt, so that nothing
// can be compared, and without their drift nobody would look at them again.
func (c *driftCheck) unfinished(ctx context.Context) error {
	var after store.LinkKey
	for {
		page, err := c.store.ListDrift(ctx, c.jobID, after, previewPageSize)
		if err != nil {
			return err
		}
		sources := map[directory.ObjectType][]directory.Anchor{}
		for _, drift := range page {
			after = drift.LinkKey
			if _, again := c.found[drift.LinkKey]; !again {
				sources[drift.Type] = append(sources[drift.Type], drift.Source)
			}
		}
		links := map[store.LinkKey]store.Link{}
		for _, objectType := range c.program.ObjectTypes() {
			linked, err := c.store.LinksBySource(ctx, c.jobID, objectType, sources[objectType])
			if err != nil {
				return err
			}
			for _, link := range linked {
				links[link.LinkKey] = link
			}
		}
		for _, drift := range page {
			link := links[drift.LinkKey]
			doubtful := func(d engine.Drift) bool { return link.Exported[d.Attribute].Equal(inDoubt()) }
			if link.Managed && link.Target == drift.Target && slices.ContainsFunc(drift.Attributes, doubtful) {
				c.found[drift.LinkKey] = drift
			}
		}
		if len(page) < previewPageSize {
			return nil
		}
	}
}

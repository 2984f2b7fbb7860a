package cycle

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// A target may keep a value in a form of its own that nobody told us of: it trims a name, it writes a telephone number its
// way. Nothing tells that from a change by hand but the moment right after a write. So an account that was repaired is read
// again at once, and what differs even then is the target's form: it is remembered and neither reported nor repaired, as
// long as the same value is written and the same one is seen.

func compareKeys(a, b store.LinkKey) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Source, b.Source))
}

// keptForms sets aside what is known to be the target's form of what was written.
func (c *driftCheck) keptForms(ctx context.Context) error {
	for _, objectType := range c.program.ObjectTypes() {
		var anchors []directory.Anchor
		for key := range c.found {
			if key.Type == objectType {
				anchors = append(anchors, key.Source)
			}
		}
		slices.Sort(anchors)
		for page := range slices.Chunk(anchors, previewPageSize) {
			known, err := c.store.DriftBySource(ctx, c.jobID, objectType, page)
			if err != nil {
				return err
			}
			for _, before := range known {
				now := c.found[before.LinkKey]
				if now.Kind == store.DriftGone || now.Target != before.Target {
					continue
				}
				now.Attributes = slices.DeleteFunc(now.Attributes, func(d engine.Drift) bool {
					kept := slices.ContainsFunc(before.Kept, func(k engine.Drift) bool {
						return k.Attribute == d.Attribute && k.Written.Equal(d.Written) && k.Observed.Equal(d.Observed)
					})
					if kept {
						now.Kept = append(now.Kept, d)
					}
					return kept
				})
				c.put(now)
			}
		}
	}
	return nil
}

// managedElsewhere leaves out released accounts that another job on the same target manages: several jobs with disjoint
// scopes may share a target (engine.md 26), and whoever moves from one to the other is switched on by the other.
func (c *driftCheck) managedElsewhere(ctx context.Context) error {
	released := map[directory.Anchor]store.LinkKey{}
	var targets []directory.Anchor
	for _, drift := range c.drift() {
		if !drift.Managed {
			released[drift.Target] = drift.LinkKey
			targets = append(targets, drift.Target)
		}
	}
	if len(released) == 0 {
		return nil
	}
	jobs, err := neighboursOf(ctx, c.store, c.program, c.jobID)
	if err != nil {
		return err
	}
	for _, objectType := range c.program.ObjectTypes() {
		owners, err := c.store.OwnersByTarget(ctx, jobs, objectType, targets)
		if err != nil {
			return err
		}
		for target := range owners {
			if released[target].Type == objectType {
				delete(c.found, released[target])
			}
		}
	}
	return nil
}

// learnForms reads the accounts of repairs that were written, and remembers what the target keeps in a form of its own. What
// cannot be read is not learned: it is drift again at the next check.
func (w *writing) learnForms(ctx context.Context) {
	read := make([]connector.Account, len(w.repaired))
	failed := make([]error, len(w.repaired))
	var group errgroup.Group
	group.SetLimit(max(1, w.connector.Capabilities().Concurrency))
	for i, link := range w.repaired {
		group.Go(func() error {
			read[i], failed[i] = w.connector.Get(ctx, link.Type, link.Target, w.program.Targets(link.Type))
			return nil
		})
	}
	err := errors.Join(group.Wait(), errors.Join(failed...))
	if err != nil {
		w.engine.Logger.WarnContext(ctx, "cannot read every account that was repaired", "job", w.jobID, "cycle", w.cycle.ID, "error", err)
	}
	for i, link := range w.repaired {
		if failed[i] != nil {
			continue
		}
		differing := w.program.Drifted(link.Type, *linkedBy(link), engine.Sight{Attributes: read[i].Attributes, Doubt: inDoubt()})
		// Being on or off has no form, a reference is written later, and a value that is not answered was seen before.
		kept := slices.DeleteFunc(differing, func(d engine.Drift) bool {
			return w.program.SwitchesAccounts(d.Attribute) || d.Reference || d.Observed.IsNull()
		})
		if len(kept) > 0 {
			w.batch.PutDrift = append(w.batch.PutDrift, store.Drift{
				LinkKey: link.LinkKey, Target: link.Target, Name: link.Name, Managed: true, Kind: store.DriftKept, Kept: kept,
			})
		}
	}
}

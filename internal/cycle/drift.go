package cycle

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// watchesDrift reports whether a job is asked to look for changes that were made in the target.
func watchesDrift(definition job.Definition) bool {
	return definition.State != job.Paused && (definition.Drift == job.DriftReport || definition.Drift == job.DriftRepair)
}

// watchesAlike reports whether a comparison for one definition serves another one, which watches drift: an attribute that is mapped
// from now on was not compared before.
func watchesAlike(committed, definition job.Definition) bool {
	return watchesDrift(committed) && committed.MappingsDigest() == definition.MappingsDigest()
}

// checkDrift lists the target, compares its accounts with what links remember, and stores the differences (engine.md 6; 13
// row 21). It writes nothing to the target, and no link: what it finds takes effect when decisions are made (see seen).
//
// A target that cannot be listed, or is down, is no error: what is known from earlier checks stays, and the problem is
// stored with the check. It needs no lease: a check of accounts that were written meanwhile is not used.
func (e *Engine) checkDrift(ctx context.Context, ready prepared) error {
	definition := ready.program.Definition()
	record, err := e.Store.GetJob(ctx, definition.ID)
	if errors.Is(err, directory.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !watchesDrift(definition) {
		return e.forgetDrift(ctx, definition, record.Revision)
	}
	c := &driftCheck{
		store: e.Store, program: ready.program, connector: ready.connector, jobID: definition.ID, copyID: ready.copyID,
		seed: maphash.MakeSeed(), found: map[store.LinkKey]store.Drift{},
	}
	problem := ""
	if err := c.run(ctx); err != nil {
		if c.failure != nil {
			return c.failure
		}
		if ctx.Err() != nil {
			return fmt.Errorf("compare the accounts of job %s with what was written: %w", definition.ID, err)
		}
		problem = unlisted(err)
	}
	err = e.Store.PutDrift(ctx, definition.ID, record.Revision, store.DriftCheck{At: e.Now(), Compared: c.compared, Problem: problem}, c.drift(), c.memberDrift)
	if !errors.Is(err, directory.Conflict) {
		return err
	}
	if record, err = e.Store.GetJob(ctx, definition.ID); err != nil {
		return err
	}
	err = e.Store.PutDrift(ctx, definition.ID, record.Revision, store.DriftCheck{At: e.Now(), Problem: "accounts were written while they were compared; the next plan or cycle compares them"}, nil, nil)
	if errors.Is(err, directory.Conflict) { // they still are
		return nil
	}
	return err
}

// refreshDrift checks a committed job for a plan. A definition that cannot be made ready is for the preview to refuse.
func (e *Engine) refreshDrift(ctx context.Context, record store.JobRecord) error {
	if !record.Initialised || !watchesDrift(record.Definition) {
		return nil
	}
	ready, err := e.prepare(ctx, record.Definition, false)
	if err != nil {
		e.Logger.WarnContext(ctx, "the accounts are not compared with the target", "job", record.Definition.ID, "error", err)
		return ctx.Err()
	}
	defer e.close(ctx, ready.target)
	return e.checkDrift(ctx, ready)
}

// unlisted says, in one line, why a target could not be compared.
func unlisted(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if errors.Is(err, directory.Unsupported) {
		return "the target cannot be listed, so that changes made in it go unnoticed (drift = \"ignore\" does not ask for it): " + text
	}
	return "the target could not be listed: " + text
}

// forgetDrift forgets what was found before the job stopped looking for it. What a paused job knows stays.
func (e *Engine) forgetDrift(ctx context.Context, definition job.Definition, revision int64) error {
	if definition.State == job.Paused {
		return nil
	}
	last, err := e.Store.LastDriftCheck(ctx, definition.ID)
	if err != nil || last.At.IsZero() || last.Compared == 0 && last.Problem == "" {
		return err
	}
	err = e.Store.PutDrift(ctx, definition.ID, revision, store.DriftCheck{At: e.Now()}, nil, nil)
	if errors.Is(err, directory.Conflict) { // the next cycle forgets it
		return nil
	}
	return err
}

// driftCheck is one comparison under way. It holds the accounts that differ and eight bytes for each of the others.
type driftCheck struct {
	store     store.Store
	program   *engine.Program
	connector connector.Connector
	jobID     string
	copyID    string
	compared  int64
	found     map[store.LinkKey]store.Drift
	// memberDrift are the memberships that differ.
	memberDrift []store.MemberDrift
	// listed are hashes of the anchors that were listed.
	listed map[uint64]struct{}
	seed   maphash.Seed
	// managed is how many of them are managed.
	managed int64
	// returned are the attributes that some account was answered with. A target that answers no account with an attribute does
	// not tell its value.
	returned map[string]bool
	// failure is an error that is not the target's.
	failure error
}

func (c *driftCheck) run(ctx context.Context) error {
	managed, err := c.store.CountManaged(ctx, c.jobID)
	if err != nil {
		return c.fail(err)
	}
	for _, objectType := range c.program.ObjectTypes() {
		if managed[objectType] == 0 { // released accounts alone are not worth a listing
			continue
		}
		if err := c.objects(ctx, objectType, managed[objectType]); err != nil {
			return err
		}
	}
	if managed[directory.Group] > 0 {
		if err := c.members(ctx); err != nil {
			return err
		}
	}
	return c.fail(errors.Join(c.keptForms(ctx), c.managedElsewhere(ctx), c.unfinished(ctx)))
}

// fail notes an error that is not the target's.
func (c *driftCheck) fail(err error) error {
	if err != nil {
		c.failure = err
	}
	return err
}

// objects compares the accounts of one type.
func (c *driftCheck) objects(ctx context.Context, objectType directory.ObjectType, managed int64) error {
	c.listed, c.returned, c.managed = map[uint64]struct{}{}, map[string]bool{}, 0
	err := c.connector.List(ctx, connector.Listing{Type: objectType, Attributes: c.program.Targets(objectType)}, func(accounts []connector.Account) error {
		return c.fail(c.page(ctx, objectType, accounts))
	})
	if err != nil {
		return err
	}
	if c.managed < managed {
		if err := c.missing(ctx, objectType); err != nil {
			return err
		}
	}
	for key, drift := range c.found {
		if key.Type != objectType || drift.Kind == store.DriftGone {
			continue
		}
		drift.Attributes = slices.DeleteFunc(drift.Attributes, func(d engine.Drift) bool { return d.Observed.IsNull() && !c.returned[d.Attribute] })
		c.put(drift)
	}
	return nil
}

// page compares a page of accounts with their links. Accounts without a link are left alone.
func (c *driftCheck) page(ctx context.Context, objectType directory.ObjectType, accounts []connector.Account) error {
	anchors := make([]directory.Anchor, len(accounts))
	for i, account := range accounts {
		anchors[i] = account.Anchor
		for attribute := range account.Attributes {
			c.returned[attribute] = true
		}
	}
	links, err := c.store.LinksByTarget(ctx, c.jobID, objectType, anchors)
	if err != nil {
		return err
	}
	referenced, err := c.referenced(ctx, objectType, links)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		hash := maphash.String(c.seed, string(account.Anchor))
		_, again := c.listed[hash]
		c.listed[hash] = struct{}{}
		link, ok := ownerOf(links[account.Anchor])
		if !ok {
			continue
		}
		if !again {
			c.compared++
		}
		if !again && link.Managed {
			c.managed++
		}
		c.put(store.Drift{
			LinkKey: link.LinkKey, Target: link.Target, Name: link.Name, Managed: link.Managed,
			Attributes: c.program.Drifted(objectType, *linkedBy(link), engine.Sight{Attributes: account.Attributes, Referenced: referenced, Doubt: inDoubt()}),
		})
	}
	return nil
}

// ownerOf is the link an account belongs to: the managed one, or else the one that was released last. An account may have been
// taken over from somebody who left.
func ownerOf(links []store.Link) (owner store.Link, ok bool) {
	for _, link := range links {
		if !ok || link.Managed && !owner.Managed || link.Managed == owner.Managed && link.LinkedAt.After(owner.LinkedAt) {
			owner, ok = link, true
		}
	}
	return owner, ok
}

// referenced are the accounts of the users that the links refer to.
func (c *driftCheck) referenced(ctx context.Context, objectType directory.ObjectType, links map[directory.Anchor][]store.Link) (map[directory.Anchor]directory.Anchor, error) {
	attributes := c.program.ReferenceTargets(objectType)
	wanted := map[directory.Anchor]bool{}
	for _, owners := range links {
		for _, link := range owners {
			for _, attribute := range attributes {
				if text, _ := link.Exported[attribute].Text(); text != "" {
					wanted[directory.Anchor(text)] = true
				}
			}
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	users, err := c.store.LinksBySource(ctx, c.jobID, directory.User, slices.Sorted(maps.Keys(wanted)))
	if err != nil {
		return nil, err
	}
	targets := make(map[directory.Anchor]directory.Anchor, len(users))
	for anchor, link := range users {
		targets[anchor] = link.Target
	}
	return targets, nil
}

// put notes what is known of an account, in place of what was noted before.
func (c *driftCheck) put(drift store.Drift) {
	if drift.Kind != store.DriftGone {
		drift.Kind = store.DriftKept
		for _, d := range drift.Attributes {
			switch {
			case !c.program.SwitchesAccounts(d.Attribute):
				if drift.Kind == store.DriftKept {
					drift.Kind = store.DriftChanged
				}
			case d.On():
				drift.Kind = store.DriftSwitchedOn
			default:
				drift.Kind = store.DriftSwitchedOff
			}
		}
		if drift.Members.Any() && drift.Kind == store.DriftKept {
			drift.Kind = store.DriftChanged
		}
		if len(drift.Attributes)+len(drift.Kept) == 0 && !drift.Members.Any() {
			delete(c.found, drift.LinkKey)
			return
		}
	}
	c.found[drift.LinkKey] = drift
}

// drift is what was found, sorted.
func (c *driftCheck) drift() []store.Drift {
	return slices.SortedFunc(maps.Values(c.found), func(a, b store.Drift) int { return compareKeys(a.LinkKey, b.LinkKey) })
}

package cycle

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Memberships are compared group by group, where the target tells its members (engine.md 14). Repairing them needs no decisions of
// its own either: what was seen takes the place of what the job remembers, and then memberships are added and removed, shown,
// approved and held as ever. Members nobody knows are left alone, and so are accounts that were let go.

const (
	// maxMemberDrift bounds the memberships that one check remembers; the next check finds the others.
	maxMemberDrift = 100_000
	// maxMemberNames bounds the members that the drift of one group names.
	maxMemberNames = 10
)

// memberCheck compares the members of groups.
type memberCheck struct {
	*driftCheck
	recorded recordedMembers
	// told says that the target told members of some group. One that tells none of any group does not tell.
	told    bool
	drifted []store.MemberDrift
	groups  map[store.LinkKey]store.Drift
	doubted map[directory.Anchor]bool
}

// members compares the memberships of all managed groups.
func (c *driftCheck) members(ctx context.Context) error {
	reader, ok := c.connector.(connector.MemberReader)
	if !ok || !c.program.Memberships() {
		return nil
	}
	doubted, err := groupsInDoubt(ctx, c.store, c.jobID)
	if err != nil {
		return c.fail(err)
	}
	m := &memberCheck{driftCheck: c, recorded: recordedMembers{store: c.store, jobID: c.jobID}, groups: map[store.LinkKey]store.Drift{}, doubted: doubted}
	var after directory.Anchor
	for {
		page, err := c.store.ListLinks(ctx, c.jobID, directory.Group, after, previewPageSize)
		if err != nil {
			return c.fail(err)
		}
		last := len(page) < previewPageSize
		if len(page) > 0 {
			after = page[len(page)-1].Source
		}
		page = slices.DeleteFunc(page, func(link store.Link) bool {
			return !link.Managed || m.doubted[link.Source] || c.found[link.LinkKey].Kind == store.DriftGone
		})
		for groups := range slices.Chunk(page, max(1, c.connector.Capabilities().Concurrency)) {
			err := m.compare(ctx, reader, groups)
			if errors.Is(err, directory.Unsupported) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		if last {
			m.conclude()
			return nil
		}
	}
}

// conclude adds what was found to the drift of the groups.
func (m *memberCheck) conclude() {
	if !m.told {
		return
	}
	m.memberDrift = m.drifted
	for key, drift := range m.groups {
		if known, ok := m.found[key]; ok {
			known.Members = drift.Members
			drift = known
		}
		m.put(drift)
	}
}

// compare asks for the members of some groups at the same time, and compares them one after the other.
func (m *memberCheck) compare(ctx context.Context, reader connector.MemberReader, groups []store.Link) error {
	members := make([][]directory.Anchor, len(groups))
	gone := make([]bool, len(groups))
	group, asked := errgroup.WithContext(ctx)
	for i, link := range groups {
		group.Go(func() (err error) {
			members[i], err = reader.Members(asked, link.Target)
			if errors.Is(err, directory.NotFound) { // deleted since it was listed: the next check finds it gone
				gone[i], err = true, nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, link := range groups {
		if gone[i] {
			continue
		}
		if err := m.group(ctx, link, members[i]); err != nil {
			return m.fail(err)
		}
	}
	return nil
}

// group compares the members of one group with those that were written.
func (m *memberCheck) group(ctx context.Context, link store.Link, told []directory.Anchor) error {
	m.told = m.told || len(told) > 0
	there := make(map[directory.Anchor]bool, len(told))
	for _, member := range told {
		there[member] = true
	}
	drift := store.Drift{LinkKey: link.LinkKey, Target: link.Target, Name: link.Name, Managed: true}
	err := m.recorded.of(ctx, link.Source, func(written store.MembershipChange) {
		if there[written.MemberTarget] {
			delete(there, written.MemberTarget)
			return
		}
		if m.found[store.LinkKey{Type: directory.User, Source: written.Member}].Kind == store.DriftGone {
			return // the memberships of an account that is gone go with it, and come back with the next one
		}
		if m.note(store.MemberDrift{Membership: written.Membership}) {
			drift.Members.Missing++
			drift.Members.MissingNames = append(drift.Members.MissingNames, written.MemberName)
		}
	})
	if err != nil {
		return err
	}
	added, err := m.strangers(ctx, link.Source, there)
	if err != nil {
		return err
	}
	for _, member := range added {
		if m.note(store.MemberDrift{Membership: store.Membership{Group: link.Source, Member: member.Source}, Added: true}) {
			drift.Members.Added++
			drift.Members.AddedNames = append(drift.Members.AddedNames, member.Name)
		}
	}
	if drift.Members.Any() {
		drift.Members.MissingNames = firstNames(drift.Members.MissingNames)
		drift.Members.AddedNames = firstNames(drift.Members.AddedNames)
		m.groups[link.LinkKey] = drift
	}
	return nil
}

func firstNames(names []string) []string {
	slices.Sort(names)
	return slices.Clone(names[:min(len(names), maxMemberNames)])
}

// note remembers a membership, unless there are too many of them.
func (m *memberCheck) note(drift store.MemberDrift) bool {
	if len(m.drifted) >= maxMemberDrift {
		return false
	}
	m.drifted = append(m.drifted, drift)
	return true
}

// strangers are the managed users among accounts that nobody made members of a group: neither this job nor, as far as its copy
// knows, the source. Sorted by source anchor.
func (m *memberCheck) strangers(ctx context.Context, group directory.Anchor, accounts map[directory.Anchor]bool) ([]store.Link, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	targets := make([]directory.Anchor, 0, len(accounts))
	for account := range accounts {
		targets = append(targets, account)
	}
	slices.Sort(targets)
	known := map[directory.Anchor]store.Link{}
	for page := range slices.Chunk(targets, previewPageSize) {
		links, err := m.store.LinksByTarget(ctx, m.jobID, directory.User, page)
		if err != nil {
			return nil, err
		}
		for _, owners := range links {
			if owner, ok := ownerOf(owners); ok && owner.Managed {
				known[owner.Source] = owner
			}
		}
	}
	if len(known) == 0 {
		return nil, nil
	}
	objects, err := m.store.ObjectsByAnchor(ctx, m.copyID, directory.Group, []directory.Anchor{group})
	if err != nil {
		return nil, err
	}
	object, ok := objects[group]
	if !ok || object.Removed != directory.Present { // it is on its way out, with everybody in it
		return nil, nil
	}
	for _, member := range object.References[directory.ReferenceMembers] {
		delete(known, member)
	}
	strangers := make([]store.Link, 0, len(known))
	for _, link := range known {
		strangers = append(strangers, link)
	}
	slices.SortFunc(strangers, func(a, b store.Link) int { return compareKeys(a.LinkKey, b.LinkKey) })
	return strangers, nil
}

// recordedMembers walks through the memberships of a job, group by group, in the order of their anchors.
type recordedMembers struct {
	store store.Links
	jobID string
	page  []store.MembershipChange
	after store.Membership
	end   bool
}

// of calls visit with the memberships of one group. Groups before it are passed over.
func (r *recordedMembers) of(ctx context.Context, group directory.Anchor, visit func(store.MembershipChange)) error {
	for {
		if len(r.page) == 0 {
			if r.end {
				return nil
			}
			page, err := r.store.ListMemberships(ctx, r.jobID, r.after, previewPageSize)
			if err != nil {
				return err
			}
			r.page, r.end = page, len(page) < previewPageSize
			if len(page) == 0 {
				return nil
			}
			r.after = page[len(page)-1].Membership
		}
		next := r.page[0]
		if next.Group > group {
			return nil
		}
		r.page = r.page[1:]
		if next.Group == group {
			visit(next)
		}
	}
}

// groupsInDoubt are the groups some of whose members are in doubt: the next cycle settles them.
func groupsInDoubt(ctx context.Context, from store.Store, jobID string) (map[directory.Anchor]bool, error) {
	doubted := map[directory.Anchor]bool{}
	after := store.LinkKey{Type: membersInDoubt}
	for {
		page, err := from.ListEscrow(ctx, jobID, after, previewPageSize)
		if err != nil {
			return nil, err
		}
		for _, entry := range page {
			if after = entry.LinkKey; entry.Type == membersInDoubt {
				doubted[entry.Source] = true
			}
		}
		if len(page) < previewPageSize {
			return doubted, nil
		}
	}
}

// membersDrifted reports whether there are memberships to put right.
func (v *evaluation) membersDrifted(ctx context.Context) (bool, error) {
	repairs, err := v.repairsDrift(ctx)
	if err != nil || !repairs {
		return false, err
	}
	first, err := v.store.ListMemberDrift(ctx, v.jobID, v.copyID, store.Membership{}, 1)
	return len(first) > 0, err
}

// eachMemberDrift calls handle with pages of the memberships to put right.
func (v *evaluation) eachMemberDrift(ctx context.Context, handle func([]store.DriftedMembership) error) error {
	repairs, err := v.repairsDrift(ctx)
	if err != nil || !repairs {
		return err
	}
	var after store.Membership
	for {
		page, err := v.store.ListMemberDrift(ctx, v.jobID, v.copyID, after, v.size)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].Membership
		if err := handle(page); err != nil {
			return err
		}
		if len(page) < v.size {
			return nil
		}
	}
}

// learnMembers lets the job remember the memberships that were seen in the target. What is wanted is added after it, what is
// not wanted removed, if that is approved.
func (r *run) learnMembers(ctx context.Context) error {
	return r.eachMemberDrift(ctx, func(page []store.DriftedMembership) error {
		batch := store.Batch{Cycle: &r.cycle}
		for _, drift := range page {
			batch.DropMemberDrift = append(batch.DropMemberDrift, drift.Membership)
			switch {
			case !drift.Added:
				batch.DropMembers = append(batch.DropMembers, drift.Membership)
			case !drift.Wanted:
				batch.PutMembers = append(batch.PutMembers, drift.Membership)
			}
		}
		return r.record(ctx, batch)
	})
}

// memberDrift adds what is done about memberships that were changed in the target. It returns those that are not there any more
// and not wanted either: nothing is left to be removed.
func (t *tally) memberDrift(ctx context.Context, v *evaluation) (absent map[store.Membership]bool, err error) {
	absent = map[store.Membership]bool{}
	err = v.eachMemberDrift(ctx, func(page []store.DriftedMembership) error {
		for _, drift := range page {
			switch {
			case !drift.Added && !drift.Wanted:
				absent[drift.Membership] = true
			case !drift.Added && !t.leaving[drift.Member] && !t.leaving[drift.Group]:
				t.preview.Changes.MembershipsToAdd++
			case drift.Added && !drift.Wanted && !t.unlinked[drift.Member] && !t.unlinked[drift.Group]:
				removed := affectedMembership(drift.MembershipChange)
				removed.Reason, removed.Origin = drift.MemberName+" was made a member in the target, and is none in the source", engine.FromTarget
				t.preview.Affected = append(t.preview.Affected, removed)
			}
		}
		return nil
	})
	return absent, err
}

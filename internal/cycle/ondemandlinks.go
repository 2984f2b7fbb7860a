package cycle

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// stepReferences names the steps about references and memberships.
const stepReferences = "ReferenceResolution"

// references writes the references of the subjects whose both ends are linked, and says what the others wait for.
func (o *onDemand) references(ctx context.Context) error {
	if !o.dry {
		var after store.Reference
		for {
			page, err := o.store.ReadyReferences(ctx, o.jobID, directory.User, after, o.size)
			if err != nil {
				return err
			}
			last := len(page) < o.size
			if len(page) > 0 {
				after = page[len(page)-1].Reference
			}
			page = slices.DeleteFunc(page, func(r store.ReadyReference) bool { return o.records[r.LinkKey] == nil })
			if len(page) > 0 {
				before := len(o.journal.records)
				if err := o.referencePage(ctx, page); err != nil {
					return err
				}
				o.append(o.journal.records[before:])
			}
			if last {
				break
			}
		}
	}
	for key, record := range o.records {
		steps, err := o.referenceSteps(ctx, o.waiting[key], record.Modified, o.dry)
		if err != nil {
			return err
		}
		record.Steps = append(record.Steps, steps...)
		if slices.ContainsFunc(steps, func(step provlog.Step) bool { return step.Status == provlog.StatusSuccess }) {
			o.outcome(record, foretoldUpdate(record))
		}
	}
	return nil
}

// foretoldUpdate is what a dry run says of a reference or membership that would be written.
func foretoldUpdate(record *provlog.Record) provlog.Record {
	return provlog.Record{Action: provlog.ActionUpdate, Status: provlog.StatusSuccess, Target: record.Target}
}

// append adds what was written later to the answers about objects.
func (o *onDemand) append(records []provlog.Record) {
	for _, later := range records {
		record := o.records[store.LinkKey{Type: later.ObjectType, Source: later.Source}]
		if record == nil {
			continue
		}
		for _, step := range later.Steps {
			if step.Description == "" {
				step.Description = "written: " + changedOf(later.Modified)
			}
			record.Steps = append(record.Steps, step)
		}
		record.Modified = append(record.Modified, later.Modified...)
		o.outcome(record, later)
	}
}

// outcome lets the answer about an object say what became of the last thing that was done for it.
func (o *onDemand) outcome(record *provlog.Record, later provlog.Record) {
	failed := later.Status == provlog.StatusFailure
	switch {
	case record.Status == provlog.StatusFailure:
	case record.Status == provlog.StatusSkipped && record.Action == provlog.ActionOther:
		record.Action, record.Status, record.ErrorCode, record.Reason = later.Action, later.Status, later.ErrorCode, later.Reason
		record.Target = later.Target
	case failed || later.Status == provlog.StatusWarning:
		record.Status, record.ErrorCode, record.Reason = provlog.StatusWarning, later.ErrorCode, later.Reason
	}
}

// referenceSteps says of references that are not among the written ones what they wait for.
func (v *evaluation) referenceSteps(ctx context.Context, wanted []engine.ReferenceChange, written []provlog.ModifiedProperty, dry bool) ([]provlog.Step, error) {
	var steps []provlog.Step
	for _, reference := range wanted {
		if slices.ContainsFunc(written, func(m provlog.ModifiedProperty) bool { return m.DisplayName == reference.Attribute }) {
			continue
		}
		step := provlog.Step{Name: stepReferences, Type: provlog.StepReferenceResolution, Status: provlog.StatusSkipped}
		links, err := v.store.LinksBySource(ctx, v.jobID, directory.User, []directory.Anchor{reference.Wanted})
		switch {
		case err != nil:
			return nil, err
		case reference.Wanted == "":
			step.Description = reference.Attribute + " is to be removed"
		case links[reference.Wanted].Managed:
			step.Description = fmt.Sprintf("%s is to refer to %s", reference.Attribute, links[reference.Wanted].Name)
		default:
			step.Description = fmt.Sprintf("%s waits: %s has no account that this job manages; it is written by the cycle that gives them one", reference.Attribute, reference.Wanted)
		}
		if dry && (reference.Wanted == "" || links[reference.Wanted].Managed) {
			step.Status = provlog.StatusSuccess
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// memberships writes the memberships of the subjects, and says which of them would be removed.
func (o *onDemand) memberships(ctx context.Context) error {
	leaving, err := o.leaving(ctx)
	if err != nil {
		return err
	}
	var total int64
	err = eachMembership(ctx, o.store.MembershipsToAdd, o.evaluation, func(page []store.MembershipChange) error {
		var own, doubtful []store.MembershipChange
		for _, change := range page {
			switch {
			case !o.concerned(change) || leaving[change.Member]:
			case o.dossiers[store.LinkKey{Type: membersInDoubt, Source: change.Group}].escrow != nil:
				doubtful = append(doubtful, change)
			default:
				own = append(own, change)
			}
		}
		o.tell(doubtful, provlog.StatusSkipped, "left to the next cycle, because what the group has is in doubt: ")
		if o.dry {
			o.tell(own, provlog.StatusSuccess, "would be added: ")
			for _, key := range parties(own) {
				if record := o.records[key]; record != nil {
					o.outcome(record, foretoldUpdate(record))
				}
			}
			return nil
		}
		if len(own) == 0 {
			return nil
		}
		before := len(o.journal.records)
		err := o.membershipPage(ctx, connector.AddMembers, own)
		o.joined(own, o.journal.records[before:])
		return err
	}, &total)
	if err != nil {
		return err
	}
	return eachMembership(ctx, o.store.MembershipsToRemove, o.evaluation, func(page []store.MembershipChange) error {
		page = slices.DeleteFunc(page, func(change store.MembershipChange) bool { return !o.concerned(change) })
		o.tell(page, provlog.StatusSkipped, "not removed, because on demand nobody loses access; terraform plan shows it: ")
		return nil
	}, &total)
}

// concerned reports whether a membership is one of the subjects': among them when both groups and users are asked for,
// otherwise of any of them.
func (o *onDemand) concerned(change store.MembershipChange) bool {
	group := o.records[store.LinkKey{Type: directory.Group, Source: change.Group}] != nil
	member := o.records[store.LinkKey{Type: directory.User, Source: change.Member}] != nil
	if o.among {
		return group && member
	}
	return group || member
}

// joined tells groups and members what became of memberships; the records are those of the groups.
func (o *onDemand) joined(changes []store.MembershipChange, records []provlog.Record) {
	for _, written := range records {
		concerned := slices.DeleteFunc(slices.Clone(changes), func(c store.MembershipChange) bool { return c.Group != written.Source })
		words := "added: "
		switch written.Status {
		case provlog.StatusFailure:
			words = "not added (" + written.Reason + "): "
		case provlog.StatusWarning:
			words = "added, except for those that the target refused: "
		}
		o.tell(concerned, written.Status, words)
		for _, key := range parties(concerned) {
			if record := o.records[key]; record != nil {
				outcome := written
				outcome.Target = record.Target
				o.outcome(record, outcome)
			}
		}
	}
}

// tell adds a step about memberships to the answers about their groups and members.
func (o *onDemand) tell(changes []store.MembershipChange, status provlog.Status, words string) {
	for _, key := range parties(changes) {
		record := o.records[key]
		if record == nil {
			continue
		}
		var others []string
		noun := "members "
		for _, change := range changes {
			switch key {
			case store.LinkKey{Type: directory.Group, Source: change.Group}:
				others = append(others, change.MemberName)
			case store.LinkKey{Type: directory.User, Source: change.Member}:
				others, noun = append(others, change.GroupName), "memberships "
			}
		}
		record.Steps = append(record.Steps, provlog.Step{
			Name: stepReferences, Type: provlog.StepReferenceResolution, Status: status, Description: noun + words + several(others),
		})
	}
}

// parties are the groups and members of memberships, without repeats.
func parties(changes []store.MembershipChange) []store.LinkKey {
	var keys []store.LinkKey
	seen := map[store.LinkKey]bool{}
	for _, change := range changes {
		for _, key := range []store.LinkKey{{Type: directory.Group, Source: change.Group}, {Type: directory.User, Source: change.Member}} {
			if !seen[key] {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// several lists names, at most 20.
func several(names []string) string {
	const most = 20
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

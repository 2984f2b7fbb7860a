package engine

import (
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Drift is an attribute of an account that somebody changed in the target (engine.md 6; 13 row 21).
type Drift struct {
	Attribute string
	// Written is what the account was last known to hold; a source anchor for references. Observed is what it holds now, null
	// for nothing; a target anchor for references.
	Written, Observed directory.Value
	// Reference says that the attribute refers to another account.
	Reference bool
}

// Sight is what is seen of an account in the target.
type Sight struct {
	// Attributes that were read, in canonical form; one without a value is absent.
	Attributes map[string]directory.Value
	// Referenced are the target anchors of the linked users, by source anchor, as far as the link refers to them.
	Referenced map[directory.Anchor]directory.Anchor
	// Doubt stands, in what a link remembers, for a value nobody is certain of: it is never drift.
	Doubt directory.Value
}

// Drifted compares an account with what its link remembers, by the rules that decide whether an update writes: what an
// update would leave alone is not drift, and neither is what cannot be read. Sorted by attribute.
//
//   - An account that is no longer managed is not ours any more (engine.md 13, rows 1 to 5). Only that it was switched on
//     again is told, because it was switched off on purpose.
//   - An account that was switched off holds what it held when it was: only whether it is off is compared.
//   - An answer without the attribute that switches accounts on and off says nothing about it: some targets leave out the
//     usual value.
func (p *Program) Drifted(objectType directory.ObjectType, link Linked, sight Sight) []Drift {
	compiled := p.types[objectType]
	if compiled == nil {
		return nil
	}
	var drifts []Drift
	for i := range compiled.attributes {
		mapped := &compiled.attributes[i]
		if mapped.update == never || mapped.listed.Mutability == job.WriteOnly {
			continue
		}
		active := p.SwitchesAccounts(mapped.Target)
		if !active && (!link.Managed || !link.Active && !mapped.lifecycle) {
			continue
		}
		written, observed := link.Exported[mapped.Target], sight.Attributes[mapped.Target]
		if written.Equal(sight.Doubt) {
			continue
		}
		var changed bool
		switch {
		case active:
			changed = !written.IsNull() && !observed.IsNull() && isTrue(written) != isTrue(observed) && (link.Managed || isTrue(observed))
		case mapped.reference != "":
			changed = mapped.refersElsewhere(written, observed, sight.Referenced)
		case written.IsNull() && !mapped.clears, mapped.update == whenEmpty && written.IsEmpty():
			// Nothing was written, so what is there is not ours.
		default:
			_, changed = flowed{attribute: mapped, value: written}.change(observed)
		}
		if changed {
			drifts = append(drifts, Drift{Attribute: mapped.Target, Written: written, Observed: observed, Reference: mapped.reference != ""})
		}
	}
	return drifts
}

// SwitchesAccounts reports whether an attribute is the one that switches accounts on and off.
func (p *Program) SwitchesAccounts(attribute string) bool {
	return p.traits.ActiveAttribute != "" && attribute == p.traits.ActiveAttribute
}

// refersElsewhere reports whether a reference that was written is not there any more. References that were never written,
// and those to users without an account, are left alone.
func (a *attribute) refersElsewhere(written, observed directory.Value, referenced map[directory.Anchor]directory.Anchor) bool {
	anchor, _ := written.Text()
	target, linked := referenced[directory.Anchor(anchor)]
	if anchor == "" || !linked || a.update == whenEmpty && !observed.IsEmpty() {
		return false
	}
	there, _ := observed.Text()
	return directory.Anchor(there) != target
}

// On reports whether a value of the attribute that switches accounts stands for on.
func (d Drift) On() bool { return isTrue(d.Observed) }

// Seen brings what a link remembers up to what was seen of its account. What was written since the account was seen is
// left alone: a drift applies only as long as the link remembers what it was compared with. changed says whether any did.
func (p *Program) Seen(link Linked, drifts []Drift, doubt directory.Value) (seen Linked, changed bool) {
	seen = link
	seen.Exported = make(map[string]directory.Value, len(link.Exported))
	for attribute, value := range link.Exported {
		seen.Exported[attribute] = value
	}
	for _, drift := range drifts {
		if !link.Exported[drift.Attribute].Equal(drift.Written) {
			continue
		}
		changed = true
		switch {
		case drift.Observed.IsNull():
			delete(seen.Exported, drift.Attribute)
		case drift.Reference: // links remember source anchors; whoever is referred to now, it is not whom it should be
			seen.Exported[drift.Attribute] = doubt
		default:
			seen.Exported[drift.Attribute] = drift.Observed
		}
		if p.SwitchesAccounts(drift.Attribute) {
			seen.Active = drift.On()
		}
	}
	return seen, changed
}

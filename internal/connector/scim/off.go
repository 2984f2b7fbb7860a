package scim

import (
	"context"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// offApart divides an update that switches an account off, and writes something else besides, when it was refused for a reason that the
// something else may be: a value that is taken, or must not be written. Nobody stays on because of that. off is empty otherwise.
func offApart(changes []connector.Change, refusal error) (off, others []connector.Change) {
	_, answered := refused(refusal)
	if kind := directory.KindOf(refusal); !answered || kind != directory.Conflict && kind != directory.Forbidden {
		return nil, nil
	}
	for _, change := range changes {
		if turnsOff(change) {
			off = append(off, change)
		} else {
			others = append(others, change)
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	return off, others
}

// offAlone switches an account off without the rest of a refused update, which is left out. The error is the refusal when that is
// refused too, or there is nothing to switch off.
func (u *updating) offAlone(refusal error, write func(connector.Operation) error) error {
	off, others := offApart(u.operation.Changes, refusal)
	if len(off) == 0 {
		return refusal
	}
	operation := u.operation
	operation.Changes = slices.Clone(off)
	if err := write(operation); err != nil {
		return refusal
	}
	u.leave(others, refusal)
	return nil
}

// sawOff takes note that an account that was switched off does not show that it is on. One that does not say whether it is on may be:
// that is told once, of the first account, because the answers to the others say as little.
func (u *updating) sawOff(ctx context.Context, r resource) {
	c := u.connector
	if c.switchedOff.Load() || !slices.ContainsFunc(u.operation.Changes, turnsOff) {
		return
	}
	p := c.dialect()
	says := func(r resource) bool { _, told := p.read(r, activeAttribute).AsBoolean(); return told }
	if !says(r) {
		r = u.seen(ctx) // the answer to a write may leave things out
	}
	if !tellsMore(r) {
		return
	}
	c.switchedOff.Store(true)
	if says(r) {
		c.client.learned.forget(topicSwitchedOff, "")
		return
	}
	c.client.learned.learn(topicSwitchedOff, "", "cannot be seen", "it answered that it switched an account off, and the account does not show active")
	u.remark = "the target answered with success, and its accounts do not show active: nobody can see whether they are off; look in the target itself"
}

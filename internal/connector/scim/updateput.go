package scim

import (
	"context"
	"net/http"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
)

// put writes with PUT, and change by change when the whole is refused: what is refused alone, in each form, is left out.
func (u *updating) put(ctx context.Context) error {
	c := u.connector
	p := c.dialect()
	refusal := c.putUpdate(ctx, p, u.at, u.operation)
	switch {
	case refusal == nil:
		return u.checkOff(ctx)
	case !divisible(refusal):
		err := u.offAlone(refusal, func(operation connector.Operation) error { return c.putUpdate(ctx, p, u.at, operation) })
		if err != nil {
			return err
		}
		return u.checkOff(ctx)
	}
	written := false
	for _, unit := range grouped(u.operation.Changes) {
		operation := u.operation
		operation.Changes = unit
		err := refusal
		if len(unit) < len(u.operation.Changes) {
			err = c.putUpdate(ctx, p, u.at, operation)
		}
		if err != nil && divisible(err) {
			err = u.putOtherwise(ctx, p, operation, err)
		}
		switch {
		case err == nil:
			written = true
		case divisible(err):
			u.leave(unit, err)
		default:
			return err
		}
	}
	if !written {
		return u.nothing()
	}
	return u.checkOff(ctx)
}

// putOtherwise writes a reference in its other form (scim-client.md 17, row 9): of what a whole resource holds, nothing else has
// two. The error is the refusal when there is none, or it is refused too.
func (u *updating) putOtherwise(ctx context.Context, p profile, operation connector.Operation, refusal error) error {
	refers := func(change connector.Change) bool {
		path, err := ParsePath(change.Attribute)
		return err == nil && !change.Value.IsNull() && path.Sub == "" && (change.Reference || containerKind(path.resolved()) == kindComplex)
	}
	if !mayBeForm(refusal) || !slices.ContainsFunc(operation.Changes, refers) || u.connector.givenUp(operation.Changes) {
		return refusal
	}
	for _, v := range variations() {
		other := p
		if v.set(&other); v.topic != topicReferences || other.bareReferences == p.bareReferences {
			continue
		}
		err := u.connector.putUpdate(ctx, other, u.at, operation)
		if err == nil {
			u.connector.learn([]variation{v})
			return nil
		}
		if !divisible(err) {
			return err
		}
	}
	u.connector.giveUp(operation.Changes)
	return refusal
}

// checkOff looks at the first account that is switched off with PUT. There is no other form to switch it off.
func (u *updating) checkOff(ctx context.Context) error {
	off := slices.DeleteFunc(slices.Clone(u.operation.Changes), func(change connector.Change) bool {
		return !turnsOff(change) || slices.Contains(u.left, change.Attribute)
	})
	if len(off) == 0 || u.connector.switchedOff.Load() {
		return nil
	}
	r := u.seen(ctx)
	if on, _ := u.connector.dialect().read(r, off[0].Attribute).AsBoolean(); on {
		u.leave(off, u.noEffect(http.MethodPut))
	} else if tellsMore(r) {
		u.sawOff(ctx, r)
	}
	return nil
}

package sqlstore

import (
	"context"
	"errors"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// grants reports whether the members of a group count as its members (engine.md 4).
func grants(object directory.Object) bool {
	return object.Type == directory.Group && object.Removed == directory.Present && object.SecurityEnabled()
}

// storeMembers brings a group's members up to date and touches the users whose memberships change: those who come
// or go, and all of them when the group starts or stops counting.
func (im *importer) storeMembers(ctx context.Context, w written) error {
	group := w.object.Anchor
	var old []directory.Anchor
	if w.exists {
		var err error
		old, err = list(ctx, im.t, scanText[directory.Anchor], `
			SELECT member_anchor FROM source_members WHERE copy_id = $1 AND group_anchor = $2 ORDER BY member_anchor`,
			im.copyID, string(group))
		if err != nil {
			return err
		}
	}
	flipped := w.exists && w.old.grants != grants(w.object)
	return walk(old, w.members, func(member directory.Anchor, was, is bool) error {
		var err error
		switch {
		case !was:
			_, err = im.addMember.ExecContext(ctx, im.copyID, string(group), string(member))
		case !is:
			_, err = im.dropMember.ExecContext(ctx, im.copyID, string(group), string(member))
		case !flipped:
			return nil
		}
		return errors.Join(err, im.touchUser(ctx, member), im.noteMoved(ctx, member))
	})
}

// touchUser gives a user a new position, unless this import gave it one already.
func (im *importer) touchUser(ctx context.Context, member directory.Anchor) error {
	if im.start == 0 {
		return nil // everything in a new copy is new
	}
	result, err := im.touch.ExecContext(ctx, im.copyID, string(member), im.position+1, im.start)
	if err != nil {
		return err
	}
	touched, err := result.RowsAffected()
	im.position += touched
	return err
}

// walk visits the union of two sorted lists.
func walk(old, now []directory.Anchor, visit func(member directory.Anchor, was, is bool) error) error {
	for len(old) > 0 || len(now) > 0 {
		was := len(old) > 0 && (len(now) == 0 || old[0] <= now[0])
		is := len(now) > 0 && (len(old) == 0 || now[0] <= old[0])
		var member directory.Anchor
		if was {
			member, old = old[0], old[1:]
		}
		if is {
			member, now = now[0], now[1:]
		}
		if err := visit(member, was, is); err != nil {
			return err
		}
	}
	return nil
}

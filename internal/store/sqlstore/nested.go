package sqlstore

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// selectBelow lists whatever is below groups: their members, the members of those that are groups, and so on. UNION lets
// every anchor in once, which ends the descent where groups contain each other. SQLite joins in the order of a CROSS JOIN;
// left to itself it reads all memberships for every anchor.
const selectBelow = `
	WITH RECURSIVE below (anchor) AS (
		SELECT m.member_anchor
		FROM source_objects g
		JOIN source_members m ON m.copy_id = g.copy_id AND m.group_anchor = g.anchor
		WHERE g.copy_id = $1 AND g.object_type = 'group' AND g.grants = 1 AND g.anchor IN %IN%
		UNION
		SELECT m.member_anchor
		FROM below b CROSS JOIN source_objects g CROSS JOIN source_members m
		WHERE g.copy_id = $1 AND g.object_type = 'group' AND g.grants = 1 AND g.anchor = b.anchor
			AND m.copy_id = g.copy_id AND m.group_anchor = g.anchor
	)
	SELECT anchor FROM below`

// membersBelow returns the members of groups at any depth, users and groups alike.
func membersBelow(ctx context.Context, t *tx, copyID string, groups []directory.Anchor) (map[directory.Anchor]bool, error) {
	found, err := listIn(ctx, t, scanText[directory.Anchor], selectBelow, groups, copyID)
	members := make(map[directory.Anchor]bool, len(found))
	for _, anchor := range found {
		members[anchor] = true
	}
	return members, err
}

// reach keeps the last answer of membersBelow: a cycle asks for the same groups with every page of its candidates, and
// walking down for each page would read all memberships each time. The zero value is ready.
type reach struct {
	mu      sync.Mutex
	state   string
	members map[directory.Anchor]bool
}

// below answers from memory while the copy is as it was. Every change of a group moves the copy's position.
func (r *reach) below(ctx context.Context, t *tx, copyID string, groups []directory.Anchor) (map[directory.Anchor]bool, error) {
	var position, readAt int64
	row := t.QueryRowContext(ctx, "SELECT position, read_at FROM copies WHERE copy_id = $1", copyID)
	if err := row.Scan(&position, &readAt); isNone(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	// The time tells apart two copies of the same name, when another process deleted one and read the source again.
	asked := []string{copyID, strconv.FormatInt(position, 10), strconv.FormatInt(readAt, 10)}
	for _, group := range groups {
		asked = append(asked, string(group))
	}
	state := strings.Join(asked, "\x00")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == state {
		return r.members, nil
	}
	members, err := membersBelow(ctx, t, copyID, groups)
	if err != nil {
		return nil, err
	}
	r.state, r.members = state, members
	return members, nil
}

// forget is for copies that are deleted: one that is made anew may come to the same position.
func (r *reach) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state, r.members = "", nil
}

// noteMoved remembers a group that changed as a member of another one. Groups that this import adds need not be known
// here: whoever is in them is a new member, and touched as such.
func (im *importer) noteMoved(ctx context.Context, member directory.Anchor) error {
	if im.start == 0 {
		return nil // everything in a new copy is new
	}
	if im.groups == nil {
		anchors, err := list(ctx, im.t, scanText[directory.Anchor], `
			SELECT anchor FROM source_objects WHERE copy_id = $1 AND object_type = 'group' AND removed <> 'hard'`, im.copyID)
		if err != nil {
			return err
		}
		im.groups = make(map[directory.Anchor]bool, len(anchors))
		for _, anchor := range anchors {
			im.groups[anchor] = true
		}
	}
	if im.groups[member] {
		im.moved[member] = true
	}
	return nil
}

// touchBelow touches the users whose memberships through nested groups changed. Looking once, at the end, is enough: on
// a path that came or went, what follows its last change is as it was before, so it can be walked down now.
func (im *importer) touchBelow(ctx context.Context) error {
	below, err := membersBelow(ctx, im.t, im.copyID, slices.Sorted(maps.Keys(im.moved)))
	if err != nil {
		return err
	}
	for _, member := range slices.Sorted(maps.Keys(below)) {
		if err := im.touchUser(ctx, member); err != nil {
			return err
		}
	}
	return nil
}

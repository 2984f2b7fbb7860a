package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Affected is one account that loses access, or one membership that is removed.
type Affected struct {
	Type directory.ObjectType `json:"type"`
	// Source is the object's anchor; of the group for a membership.
	Source directory.Anchor `json:"source"`
	// Member is the member's anchor, for memberships only.
	Member directory.Anchor `json:"member,omitempty"`
	// Target is the account's anchor.
	Target directory.Anchor `json:"target"`
	Action Action           `json:"action"`
	Name   string           `json:"name"`
	// MemberName is the member's, for memberships only.
	MemberName string `json:"memberName,omitempty"`
	Reason     string `json:"reason"`
	// Cause and Origin are the reason for programs; Origin is empty where nobody asked what changed.
	Cause  LossCause `json:"cause,omitempty"`
	Origin Origin    `json:"origin,omitempty"`
}

// RemoveMembership is the action of an affected membership, LeaveBehind what becomes of an account whose link is forgotten.
const (
	RemoveMembership Action = "remove_membership"
	LeaveBehind      Action = "leave"
)

// affectedKey is what identifies an affected account: names, reason and cause are for people and gates, they are not part of it.
type affectedKey struct {
	objectType             directory.ObjectType
	source, member, target directory.Anchor
	action                 Action
}

func (a Affected) key() affectedKey {
	return affectedKey{a.Type, a.Source, a.Member, a.Target, a.Action}
}

// SortAffected sorts by type, name, action, and then by anchors, so that equal sets are equal lists.
func SortAffected(affected []Affected) {
	slices.SortFunc(affected, func(a, b Affected) int {
		return cmp.Or(-cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Action, b.Action),
			cmp.Compare(a.Source, b.Source), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Target, b.Target))
	})
}

// DigestAffected is a digest over the complete set, whatever its order.
func DigestAffected(affected []Affected) string {
	keys := make([]string, len(affected))
	for i, a := range affected {
		// Quoted, because an anchor is opaque: no two keys may run together into the same text.
		keys[i] = fmt.Sprintf("%q %q %q %q %q", a.Type, a.Source, a.Member, a.Target, a.Action)
	}
	slices.Sort(keys)
	hash := sha256.New()
	for _, key := range keys {
		hash.Write([]byte(key))
		hash.Write([]byte{'\n'})
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}

// Approval is the set of accounts a plan showed. The zero Approval approves nothing.
type Approval struct {
	keys map[affectedKey]bool
	all  bool
}

// ApproveAll is what a cycle works with that nobody planned: its limits are all that bounds it.
func ApproveAll() Approval { return Approval{all: true} }

// Approve builds an approval of exactly these accounts.
func Approve(affected []Affected) Approval {
	keys := make(map[affectedKey]bool, len(affected))
	for _, a := range affected {
		keys[a.key()] = true
	}
	return Approval{keys: keys}
}

// Covers reports whether the approval shows this account with this action.
func (a Approval) Covers(affected Affected) bool { return a.all || a.keys[affected.key()] }

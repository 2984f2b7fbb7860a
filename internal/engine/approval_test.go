package engine_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

func affected(change ...func(*engine.Affected)) engine.Affected {
	a := engine.Affected{Type: directory.Group, Source: "s", Member: "m", Target: "t", Action: engine.RemoveMembership, Name: "Staff", Reason: "no longer a member in the source"}
	for _, c := range change {
		c(&a)
	}
	return a
}

// keyFields are the fields that identify an affected account; the others are for people.
var keyFields = map[string]func(*engine.Affected){
	"type":   func(a *engine.Affected) { a.Type = directory.User },
	"source": func(a *engine.Affected) { a.Source = "S" },
	"member": func(a *engine.Affected) { a.Member = "" },
	"target": func(a *engine.Affected) { a.Target = "t2" },
	"action": func(a *engine.Affected) { a.Action = engine.Delete },
}

func TestDigestAndApprovalFollowTheKey(t *testing.T) {
	t.Parallel()
	digest := engine.DigestAffected([]engine.Affected{affected()})
	if !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(digest) {
		t.Errorf("digest %q", digest)
	}
	approval := engine.Approve([]engine.Affected{affected()})
	for field, change := range keyFields {
		if engine.DigestAffected([]engine.Affected{affected(change)}) == digest {
			t.Errorf("another %s has the same digest", field)
		}
		if approval.Covers(affected(change)) {
			t.Errorf("another %s is approved", field)
		}
	}
	renamed := affected(func(a *engine.Affected) { a.Name, a.Reason = "Crew", "because" })
	if engine.DigestAffected([]engine.Affected{renamed}) != digest || !approval.Covers(renamed) {
		t.Error("a name or a reason is part of the key")
	}
}

func TestApprovalCoversTheSetAndNothingElse(t *testing.T) {
	t.Parallel()
	ada := engine.Affected{Type: directory.User, Source: "u-ada", Target: "t-ada", Action: engine.Disable}
	bob := engine.Affected{Type: directory.User, Source: "u-bob", Target: "t-bob", Action: engine.Disable}
	deleted := ada
	deleted.Action = engine.Delete
	tests := []struct {
		name     string
		approval engine.Approval
		covered  engine.Affected
		want     bool
	}{
		{"the zero approval", engine.Approval{}, ada, false},
		{"of nothing", engine.Approve(nil), ada, false},
		{"of one", engine.Approve([]engine.Affected{ada}), ada, true},
		{"of another", engine.Approve([]engine.Affected{bob}), ada, false},
		{"of more", engine.Approve([]engine.Affected{bob, ada}), ada, true},
		{"a disable does not approve a delete", engine.Approve([]engine.Affected{ada, bob}), deleted, false},
	}
	for _, test := range tests {
		if got := test.approval.Covers(test.covered); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestDigestOfNothingIsStable(t *testing.T) {
	t.Parallel()
	// SHA-256 of no bytes.
	const want = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if got := engine.DigestAffected(nil); got != want || engine.DigestAffected([]engine.Affected{}) != want {
		t.Errorf("got %s", got)
	}
}

func TestSortAffected(t *testing.T) {
	t.Parallel()
	want := []engine.Affected{
		{Type: directory.User, Name: "ada", Action: engine.Delete, Source: "1"},
		{Type: directory.User, Name: "ada", Action: engine.Disable, Source: "1"},
		{Type: directory.User, Name: "bob", Action: engine.Delete, Source: "1", Target: "1"},
		{Type: directory.User, Name: "bob", Action: engine.Delete, Source: "1", Target: "2"},
		{Type: directory.User, Name: "bob", Action: engine.Delete, Source: "2"},
		{Type: directory.Group, Name: "Staff", Action: engine.RemoveMembership, Source: "g", Member: "1"},
		{Type: directory.Group, Name: "Staff", Action: engine.RemoveMembership, Source: "g", Member: "2"},
	}
	for shift := range want {
		got := slices.Concat(want[shift:], want[:shift])
		slices.Reverse(got)
		engine.SortAffected(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// Anchors are opaque: whatever they are made of, only equal sets have equal digests.
func TestDigestIsASetDigest(t *testing.T) {
	t.Parallel()
	anchor := rapid.Map(rapid.StringOfN(rapid.SampledFrom([]rune{'a', 'b', 0, '\n', ' ', '"'}), 0, 4, -1), func(s string) directory.Anchor { return directory.Anchor(s) })
	one := rapid.Custom(func(t *rapid.T) engine.Affected {
		return engine.Affected{Type: directory.User, Source: anchor.Draw(t, "source"), Member: anchor.Draw(t, "member"), Target: anchor.Draw(t, "target"), Action: engine.Disable}
	})
	sets := rapid.SliceOfNDistinct(one, 0, 4, func(a engine.Affected) engine.Affected { return a })
	rapid.Check(t, func(t *rapid.T) {
		a, b := sets.Draw(t, "a"), sets.Draw(t, "b")
		if shuffled := rapid.Permutation(a).Draw(t, "shuffled"); engine.DigestAffected(shuffled) != engine.DigestAffected(a) {
			t.Fatal("the digest depends on the order")
		}
		covered := func(x, y []engine.Affected) bool {
			return !slices.ContainsFunc(y, func(one engine.Affected) bool { return !engine.Approve(x).Covers(one) })
		}
		equal := covered(a, b) && covered(b, a)
		if equal != (engine.DigestAffected(a) == engine.DigestAffected(b)) {
			t.Fatalf("sets equal %v, digests equal %v", equal, !equal)
		}
		if !covered(a, a[:len(a)/2]) {
			t.Fatal("a subset is not covered")
		}
	})
}

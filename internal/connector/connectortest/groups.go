package connectortest

import (
	"fmt"
	"slices"
	"sync"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func testGroup(x *target) {
	// Somebody is there, because a connector may have to find out with an account whether groups show their members.
	x.create(directory.User, values{userName: text("somebody")})
	group := x.create(directory.Group, values{display: text("Mathematicians"), "externalId": text("g-1")})
	found, err := x.connector.Find(x.t.Context(), connector.Query{Type: directory.Group, Attribute: display, Value: text(x.otherCase(display, "Mathematicians"))})
	if err != nil || len(found) != 1 || found[0].Anchor != group || found[0].Type != directory.Group {
		x.t.Errorf("find the group: %v %v", found, err)
	}
	x.do(connector.Operation{ID: "u", Kind: connector.Update, Type: directory.Group, Target: group,
		Changes: changes(values{display: text("Computers")}), Current: values{display: text("Mathematicians"), "externalId": text("g-1")}})
	x.addMember(group, "ada")
	want := values{display: text("Computers"), "externalId": text("g-1")}
	if diff := gocmp.Diff(want, x.get(directory.Group, group, display, "externalId", "members")); diff != "" {
		x.t.Errorf("group without its members (-want +got):\n%s", diff)
	}
	remove := connector.Operation{ID: "d", Kind: connector.Delete, Type: directory.Group, Target: group}
	x.do(remove)
	x.do(remove)
	_, err = x.connector.Get(x.t.Context(), directory.Group, group, nil)
	x.wantKind("get the deleted group", err, directory.NotFound)
}

func (x *target) addMember(group directory.Anchor, name string) directory.Anchor {
	x.t.Helper()
	user := x.create(directory.User, values{userName: text(name)})
	x.do(members(connector.AddMembers, group, user))
	return user
}

func members(kind connector.OperationKind, group directory.Anchor, anchors ...directory.Anchor) connector.Operation {
	return connector.Operation{ID: "m", Kind: kind, Type: directory.Group, Target: group, Members: slices.Sorted(slices.Values(anchors))}
}

func (x *target) wantMembers(group directory.Anchor, want ...directory.Anchor) {
	x.t.Helper()
	if x.options.Members == nil {
		return
	}
	got := x.options.Members(x.t, x.connector, group)
	slices.Sort(want)
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		x.t.Errorf("members of %s (-want +got):\n%s", group, diff)
	}
}

func testMembers(x *target) {
	group := x.create(directory.Group, values{display: text("Mathematicians")})
	x.wantMembers(group)
	ada := x.addMember(group, "ada")
	bob := x.addMember(group, "bob")
	carol := x.create(directory.User, values{userName: text("carol")})
	x.wantMembers(group, ada, bob)
	x.do(members(connector.AddMembers, group, ada, carol))
	x.wantMembers(group, ada, bob, carol)
	x.do(members(connector.RemoveMembers, group, bob))
	x.wantMembers(group, ada, carol)
	// Neither adding who is there nor removing who is not changes anything, or fails.
	x.do(members(connector.AddMembers, group, ada))
	x.do(members(connector.RemoveMembers, group, bob))
	x.wantMembers(group, ada, carol)
	x.do(members(connector.RemoveMembers, group, ada, carol))
	x.wantMembers(group)
}

func testMemberBatches(x *target) {
	group := x.create(directory.Group, values{display: text("Everybody")})
	var operations []connector.Operation
	for i := range x.options.ListSize + 20 {
		name := fmt.Sprintf("user-%03d", i)
		operations = append(operations, connector.Operation{ID: name, Kind: connector.Create, Type: directory.User, Changes: changes(values{userName: text(name)})})
	}
	var everybody []directory.Anchor
	for _, outcome := range x.connector.Apply(x.t.Context(), operations) {
		if outcome.Err != nil {
			x.t.Fatal(outcome.Err)
		}
		everybody = append(everybody, outcome.Target)
	}
	x.do(members(connector.AddMembers, group, everybody...))
	x.wantMembers(group, everybody...)
	x.do(members(connector.RemoveMembers, group, everybody[:len(everybody)-10]...))
	x.wantMembers(group, everybody[len(everybody)-10:]...)
}

// testMembersAtOnce writes the members of one group from many sides: there are never two writes of one account at a time, so
// nobody is lost.
func testMembersAtOnce(x *target) {
	group := x.create(directory.Group, values{display: text("Everybody")})
	everybody := make([]directory.Anchor, 12)
	for i := range everybody {
		everybody[i] = x.create(directory.User, values{userName: text(fmt.Sprintf("user-%02d", i))})
	}
	var writers sync.WaitGroup
	for _, member := range everybody {
		writers.Go(func() {
			outcome := x.connector.Apply(x.t.Context(), []connector.Operation{members(connector.AddMembers, group, member)})[0]
			if outcome.Err != nil || len(outcome.Failed) > 0 {
				x.t.Errorf("add %s: %+v", member, outcome)
			}
		})
	}
	writers.Wait()
	x.wantMembers(group, everybody...)
}

func testUnknownMembers(x *target) {
	group := x.create(directory.Group, values{display: text("Mathematicians")})
	ada := x.create(directory.User, values{userName: text("ada")})
	bob := x.create(directory.User, values{userName: text("bob")})
	outcome := x.apply(members(connector.AddMembers, group, ada, bob, "no-such-account"))
	if outcome.Err != nil || outcome.Warning == "" {
		x.t.Errorf("error %v, warning %q; the others were written, so it is a warning", outcome.Err, outcome.Warning)
	}
	x.wantAnchors("refused members", outcome.Failed, "no-such-account")
	x.wantMembers(group, ada, bob)
}

func testMembersOfNothing(x *target) {
	ada := x.create(directory.User, values{userName: text("ada")})
	for _, kind := range []connector.OperationKind{connector.AddMembers, connector.RemoveMembers} {
		outcome := x.apply(members(kind, "no-such-group", ada))
		x.wantKind(string(kind), outcome.Err, directory.NotFound)
	}
}

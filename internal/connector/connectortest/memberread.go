package connectortest

import (
	"fmt"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// testReadMembers is for connectors that tell who is in a group.
func testReadMembers(x *target) {
	reader, ok := x.connector.(connector.MemberReader)
	if !ok {
		return
	}
	want := func(group directory.Anchor, want ...directory.Anchor) {
		x.t.Helper()
		got, err := reader.Members(x.t.Context(), group)
		if err != nil {
			x.t.Fatal(err)
		}
		sorted := cmpopts.SortSlices(func(a, b directory.Anchor) bool { return a < b })
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty(), sorted); diff != "" {
			x.t.Errorf("members told of %s (-want +got):\n%s", group, diff)
		}
		for i := range got {
			if i > 0 && got[i-1] >= got[i] {
				x.t.Errorf("members are not sorted, each once: %v", got)
			}
		}
	}
	group := x.create(directory.Group, values{display: text("Mathematicians")})
	want(group)
	ada := x.addMember(group, "ada")
	bob := x.addMember(group, "bob")
	want(group, ada, bob)
	x.do(members(connector.RemoveMembers, group, ada))
	want(group, bob)

	crowd := x.create(directory.Group, values{display: text("Everybody")})
	var everybody []directory.Anchor
	for i := range 150 {
		everybody = append(everybody, x.create(directory.User, values{userName: text(fmt.Sprintf("user-%03d", i))}))
	}
	x.do(members(connector.AddMembers, crowd, everybody...))
	want(crowd, everybody...)
	want(group, bob)

	_, err := reader.Members(x.t.Context(), "no-such-group")
	x.wantKind("members of a missing group", err, directory.NotFound)
}

package connectortest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func testCreate(x *target) {
	want := values{
		userName: text("ada@example.com"), display: text("Ada Lovelace"), "externalId": text("e-1"), "active": directory.Boolean(true),
		givenName: text("Ada"), familyName: text("Lovelace"), workEmail: text("ada@work.example"),
		workFirst: directory.Boolean(true), homeEmail: text("ada@home.example"), department: text("Mathematics"),
	}
	anchor := x.create(directory.User, want)
	x.wantUser(anchor, want)
	other := x.create(directory.User, values{userName: text("bob@example.com"), "active": directory.Boolean(false), "title": directory.Null()})
	x.wantUser(other, values{userName: text("bob@example.com"), "active": directory.Boolean(false)})
}

func testUpdate(x *target) {
	anchor := x.create(directory.User, values{userName: text("ada"), "active": directory.Boolean(true), display: text("Ada"), givenName: text("Ada")})
	other := x.create(directory.User, values{userName: text("bob"), "active": directory.Boolean(true), display: text("Bob")})
	x.update(anchor, values{display: text("Countess"), "title": text("Dr"), familyName: text("Lovelace"), givenName: directory.Null()})
	x.wantUser(anchor, values{userName: text("ada"), "active": directory.Boolean(true), display: text("Countess"), "title": text("Dr"), familyName: text("Lovelace")})
	x.update(anchor, values{"title": directory.Null(), display: text(`"quoted" \ 日本`)})
	x.wantUser(anchor, values{userName: text("ada"), "active": directory.Boolean(true), display: text(`"quoted" \ 日本`), familyName: text("Lovelace")})
	// Removing what is not there changes nothing.
	x.update(anchor, values{"title": directory.Null(), homeEmail: directory.Null()})
	x.wantUser(anchor, values{userName: text("ada"), "active": directory.Boolean(true), display: text(`"quoted" \ 日本`), familyName: text("Lovelace")})
	x.wantUser(other, values{userName: text("bob"), "active": directory.Boolean(true), display: text("Bob")})
}

func testElements(x *target) {
	ada, yes := text("ada"), directory.Boolean(true)
	anchor := x.create(directory.User, values{userName: ada, "active": yes})
	steps := []struct{ write, want values }{
		// The element is missing: it is added whole.
		{values{workEmail: text("a@work.example"), workFirst: yes}, values{workEmail: text("a@work.example"), workFirst: yes}},
		// A second element of another type does not disturb the first.
		{values{homeEmail: text("a@home.example")}, values{workEmail: text("a@work.example"), workFirst: yes, homeEmail: text("a@home.example")}},
		// The element is there: one part of it is replaced.
		{values{workEmail: text("b@work.example")}, values{workEmail: text("b@work.example"), workFirst: yes, homeEmail: text("a@home.example")}},
		// One part is removed, the other stays.
		{values{workFirst: directory.Null()}, values{workEmail: text("b@work.example"), homeEmail: text("a@home.example")}},
		// The last part is removed, and set again later.
		{values{workEmail: directory.Null()}, values{homeEmail: text("a@home.example")}},
		{values{workEmail: text("c@work.example")}, values{workEmail: text("c@work.example"), homeEmail: text("a@home.example")}},
	}
	for _, step := range steps {
		x.update(anchor, step.write)
		step.want[userName], step.want["active"] = ada, yes
		x.wantUser(anchor, step.want)
	}
	x.wantAnchors("the new address", x.find(workEmail, "c@work.example"), anchor)
	x.wantAnchors("the old address", x.find(workEmail, "a@work.example"))
}

func testExtension(x *target) {
	yes := directory.Boolean(true)
	anchor := x.create(directory.User, values{userName: text("ada"), "active": yes})
	x.update(anchor, values{department: text("Mathematics")})
	x.wantUser(anchor, values{userName: text("ada"), "active": yes, department: text("Mathematics")})
	x.update(anchor, values{department: text("Engines")})
	x.wantUser(anchor, values{userName: text("ada"), "active": yes, department: text("Engines")})
	x.update(anchor, values{department: directory.Null()})
	x.wantUser(anchor, values{userName: text("ada"), "active": yes})
}

func testRename(x *target) {
	yes := directory.Boolean(true)
	anchor := x.create(directory.User, values{userName: text("ada"), "active": yes})
	x.update(anchor, values{userName: text("countess")})
	x.wantUser(anchor, values{userName: text("countess"), "active": yes})
	x.wantAnchors("the new name", x.find(userName, "countess"), anchor)
	x.wantAnchors("the old name", x.find(userName, "ada"))
	// Only the case changes.
	x.update(anchor, values{userName: text("Countess")})
	x.wantUser(anchor, values{userName: text("Countess"), "active": yes})
}

func testUpdateMissing(x *target) {
	outcome := x.apply(connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "no-such-account",
		Changes: changes(values{display: text("x")})})
	x.wantKind("update", outcome.Err, directory.NotFound)
	if directory.OutcomeUnknown(outcome.Err) {
		x.t.Error("the outcome is not unknown: there is no such account")
	}
}

func testDisable(x *target) {
	active := x.connector.Capabilities().ActiveAttribute
	if active == "" {
		x.t.Skip("the target cannot disable accounts")
	}
	anchor := x.create(directory.User, values{userName: text("ada"), active: directory.Boolean(true)})
	for _, on := range []bool{false, false, true} {
		x.update(anchor, values{active: directory.Boolean(on)})
		if got := x.get(directory.User, anchor, active)[active]; !got.Equal(directory.Boolean(on)) {
			x.t.Errorf("active is %s, want %v", got, on)
		}
		x.wantAnchors("an account is found whether it is active or not", x.find(userName, "ada"), anchor)
	}
}

func testDelete(x *target) {
	anchor := x.create(directory.User, values{userName: text("ada")})
	other := x.create(directory.User, values{userName: text("bob")})
	remove := connector.Operation{ID: "d", Kind: connector.Delete, Type: directory.User, Target: anchor}
	x.do(remove)
	_, err := x.connector.Get(x.t.Context(), directory.User, anchor, nil)
	x.wantKind("get what is deleted", err, directory.NotFound)
	x.wantAnchors("find what is deleted", x.find(userName, "ada"))
	x.do(remove)
	x.wantAnchors("the other account", x.find(userName, "bob"), other)
	x.create(directory.User, values{userName: text("ada")})
}

func testDuplicate(x *target) {
	create := connector.Operation{ID: "c", Kind: connector.Create, Type: directory.User, Changes: changes(values{userName: text("ada")})}
	anchor := x.do(create)
	for _, name := range []string{"ada", x.otherCase(userName, "ada")} {
		create.Changes = changes(values{userName: text(name)})
		outcome := x.apply(create)
		x.wantKind("create "+name+" again", outcome.Err, directory.Conflict)
		if directory.OutcomeUnknown(outcome.Err) || outcome.Target != "" {
			x.t.Errorf("a conflict has target %q and unknown outcome %v", outcome.Target, directory.OutcomeUnknown(outcome.Err))
		}
	}
	x.wantAnchors("after the conflicts", x.find(userName, "ada"), anchor)
}

func testManager(x *target) {
	yes := directory.Boolean(true)
	boss := x.create(directory.User, values{userName: text("boss"), "active": yes})
	chief := x.create(directory.User, values{userName: text("chief"), "active": yes})
	anchor := x.create(directory.User, values{userName: text("ada"), "active": yes, manager: text(string(boss))})
	x.wantUser(anchor, values{userName: text("ada"), "active": yes, manager: text(string(boss))})
	x.update(anchor, values{manager: text(string(chief))})
	x.wantUser(anchor, values{userName: text("ada"), "active": yes, manager: text(string(chief))})
	x.update(anchor, values{manager: directory.Null()})
	x.wantUser(anchor, values{userName: text("ada"), "active": yes})
	x.update(anchor, values{manager: text(string(boss))})
	x.wantUser(anchor, values{userName: text("ada"), "active": yes, manager: text(string(boss))})
}

func testBatch(x *target) {
	taken := x.create(directory.User, values{userName: text("taken")})
	gone := x.create(directory.User, values{userName: text("gone")})
	x.do(connector.Operation{ID: "d", Kind: connector.Delete, Type: directory.User, Target: gone})
	operations := []connector.Operation{
		{ID: "1", Kind: connector.Create, Type: directory.User, Changes: changes(values{userName: text("new-1")})},
		{ID: "2", Kind: connector.Update, Type: directory.User, Target: gone, Changes: changes(values{display: text("x")})},
		{ID: "3", Kind: connector.Create, Type: directory.User, Changes: changes(values{userName: text("new-2")})},
		{ID: "4", Kind: "invent", Type: directory.User, Target: taken},
		{ID: "5", Kind: connector.Update, Type: directory.User, Target: taken, Changes: changes(values{display: text("Taken")})},
	}
	want := []directory.ErrorKind{"", directory.NotFound, "", directory.Invalid, ""}
	outcomes := x.connector.Apply(x.t.Context(), operations)
	if len(outcomes) != len(operations) {
		x.t.Fatalf("%d operations have %d outcomes", len(operations), len(outcomes))
	}
	for i, outcome := range outcomes {
		x.wantKind(fmt.Sprintf("operation %s", operations[i].ID), outcome.Err, want[i])
		if operations[i].Target != "" && outcome.Target != operations[i].Target {
			x.t.Errorf("operation %s has the outcome of %s", operations[i].ID, outcome.Target)
		}
	}
	x.wantAnchors("the first", x.find(userName, "new-1"), outcomes[0].Target)
	x.wantAnchors("the third", x.find(userName, "new-2"), outcomes[2].Target)
	if none := x.connector.Apply(x.t.Context(), nil); len(none) != 0 {
		x.t.Errorf("no operation has the outcomes %v", none)
	}
}

func testCancelled(x *target) {
	anchor := x.create(directory.User, values{userName: text("ada")})
	ctx, cancel := context.WithCancel(x.t.Context())
	cancel()
	wrapped := func(what string, err error) {
		if !errors.Is(err, context.Canceled) {
			x.t.Errorf("%s under a cancelled context: %v", what, err)
		}
	}
	wrapped("test", x.connector.Test(ctx, connector.Probe{Type: directory.User, Attribute: userName, Value: "nobody"}))
	_, err := x.connector.Find(ctx, connector.Query{Type: directory.User, Attribute: userName, Value: text("ada")})
	wrapped("find", err)
	_, err = x.connector.Get(ctx, directory.User, anchor, nil)
	wrapped("get", err)
	wrapped("list", x.connector.List(ctx, connector.Listing{Type: directory.User}, func([]connector.Account) error { return nil }))
	outcomes := x.connector.Apply(ctx, []connector.Operation{
		{ID: "1", Kind: connector.Create, Type: directory.User, Changes: changes(values{userName: text("bob")})},
		{ID: "2", Kind: connector.Delete, Type: directory.User, Target: anchor},
	})
	for _, outcome := range outcomes {
		wrapped("apply", outcome.Err)
		if directory.OutcomeUnknown(outcome.Err) {
			x.t.Error("an operation that was not started has no unknown outcome")
		}
	}
	x.wantAnchors("nothing was deleted", x.find(userName, "ada"), anchor)
	x.wantAnchors("nothing was created", x.find(userName, "bob"))
}

func testConcurrent(x *target) {
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 5 {
				name := fmt.Sprintf("u-%d-%d", worker, i)
				outcomes := x.connector.Apply(x.t.Context(), []connector.Operation{
					{ID: name, Kind: connector.Create, Type: directory.User, Changes: changes(values{userName: text(name)})}})
				if outcomes[0].Err != nil {
					x.t.Errorf("create %s: %v", name, outcomes[0].Err)
				}
				found, err := x.connector.Find(x.t.Context(), connector.Query{Type: directory.User, Attribute: userName, Value: text(name)})
				if err != nil || len(found) != 1 || found[0].Anchor != outcomes[0].Target {
					x.t.Errorf("find %s: %v %v", name, found, err)
				}
			}
		})
	}
	group.Wait()
}

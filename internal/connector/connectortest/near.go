package connectortest

import (
	"fmt"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// testFindNear: whoever is found may be written to, so that what is nearly the value is not it.
func testFindNear(x *target) {
	x.create(directory.User, values{userName: text("ada@example.com"), "externalId": text("e-1")})
	own := "zo\u00eb@example.com"
	if x.options.PlainNames {
		own = "zoe@example.com"
	}
	zoe := x.create(directory.User, values{userName: text(own), "externalId": text("e-12")})
	for _, near := range []string{
		"ada@example.co", "da@example.com", "ada@example.com.example", "ada@example.com ", " ada@example.com", "ada@example.com\u200b", "ada%", "ada*", "ad_@example.com", "*", "%",
		"zoe@example.com", "zo\u0065\u0308@example.com",
	} {
		if near != own {
			x.wantAnchors(fmt.Sprintf("userName %q", near), x.find(userName, near))
		}
	}
	x.wantAnchors("userName in its own form", x.find(userName, own), zoe)
	x.wantAnchors("a value of another attribute", x.find("externalId", "ada@example.com"))
	x.wantAnchors("a longer externalId", x.find("externalId", "e-12"), zoe)
}

// testListSpecial: what is listed is matched by its values, so that they come as they are.
func testListSpecial(x *target) {
	want := map[directory.Anchor]string{}
	for i, value := range special() {
		if x.options.Trims {
			value = strings.TrimSpace(value)
		}
		want[x.create(directory.User, values{userName: text(fmt.Sprintf("u%d", i)), "externalId": text(value)})] = value
	}
	err := x.connector.List(x.t.Context(), connector.Listing{Type: directory.User, Attributes: []string{"externalId"}}, func(accounts []connector.Account) error {
		for _, account := range accounts {
			if got := account.Attributes["externalId"]; !got.Equal(text(want[account.Anchor])) {
				x.t.Errorf("%s is listed with %q, want %q", account.Anchor, got, want[account.Anchor])
			}
			delete(want, account.Anchor)
		}
		return nil
	})
	if err != nil || len(want) > 0 {
		x.t.Errorf("%v; not listed: %v", err, want)
	}
}

// testListOnce: while nothing changes, each account is listed once, in pages of at most 1000, and whoever was deleted is not.
func testListOnce(x *target) {
	var anchors []directory.Anchor
	for i := range x.options.ListSize {
		anchors = append(anchors, x.create(directory.User, values{userName: text(fmt.Sprintf("user-%04d", i))}))
	}
	// The first, one in the middle and the last of what was made.
	gone := map[directory.Anchor]bool{anchors[0]: true, anchors[len(anchors)/2]: true, anchors[len(anchors)-1]: true}
	for anchor := range gone {
		x.do(connector.Operation{ID: "d", Kind: connector.Delete, Type: directory.User, Target: anchor})
	}
	for range 2 {
		times := map[directory.Anchor]int{}
		err := x.connector.List(x.t.Context(), connector.Listing{Type: directory.User}, func(accounts []connector.Account) error {
			if len(accounts) > 1000 {
				x.t.Errorf("a page of %d accounts", len(accounts))
			}
			for _, account := range accounts {
				times[account.Anchor]++
			}
			return nil
		})
		if err != nil {
			x.t.Fatal(err)
		}
		for _, anchor := range anchors {
			want := 1
			if gone[anchor] {
				want = 0
			}
			if times[anchor] != want {
				x.t.Errorf("%s is listed %d times, want %d", anchor, times[anchor], want)
			}
			delete(times, anchor)
		}
		if len(times) > 0 {
			x.t.Errorf("listed besides: %v", times)
		}
	}
}

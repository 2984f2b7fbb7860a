package scim_test

import (
	"fmt"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestReadExchanges: the rows of the request catalogue that change nothing (scim-client.md 2), in each profile.
func TestReadExchanges(t *testing.T) {
	t.Parallel()
	get := func(objectType directory.ObjectType, anchor directory.Anchor, attributes ...string) func(*testing.T, *scim.Connector) string {
		return func(t *testing.T, c *scim.Connector) string {
			account, err := c.Get(t.Context(), objectType, anchor, attributes)
			return fmt.Sprintf("%s kind %q", accountsText([]connector.Account{account}), directory.KindOf(err))
		}
	}
	probe := func(objectType directory.ObjectType, attribute string) func(*testing.T, *scim.Connector) string {
		return func(t *testing.T, c *scim.Connector) string {
			return fmt.Sprint(c.Test(t.Context(), connector.Probe{Type: objectType, Attribute: attribute, Value: "5f0c9d3e-0000"}))
		}
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, *scim.Connector) string
		want string
	}{
		{"test-external-id", probe(directory.User, "externalId"), "<nil>"},
		{"test-group", probe(directory.Group, "displayName"), "<nil>"},
		{"find-external-id", find(connector.Query{Type: directory.User, Attribute: "externalId", Value: text("E 1&2"), Attributes: []string{"userName"}}),
			"[user u/1 {externalId: E 1&2, userName: ada}] error <nil>"},
		{"get-user", get(directory.User, "u/1", "userName", "active"), `[user u/1 {active: True, userName: ada}] kind ""`},
		{"get-gone", get(directory.User, "u7", "userName"), `[  {}] kind "not_found"`},
		{"list-groups", func(t *testing.T, c *scim.Connector) string {
			var all []connector.Account
			err := c.List(t.Context(), connector.Listing{Type: directory.Group, Attributes: []string{"displayName"}}, func(accounts []connector.Account) error {
				all = append(all, accounts...)
				return nil
			})
			return fmt.Sprintf("%s error %v", accountsText(all), err)
		}, "[group g1 {displayName: Mathematicians}] error <nil>"},
		{"discover", func(t *testing.T, c *scim.Connector) string {
			found, err := c.Discover(t.Context())
			if err != nil || found.Features == nil || len(found.Attributes) != 1 {
				return fmt.Sprintf("%+v %v", found, err)
			}
			return fmt.Sprintf("patch %v, %s %s %v", found.Features.Patch, found.Attributes[0].Path, found.Attributes[0].Mutability, found.Problems)
		}, "patch true, userName readWrite []"},
	} {
		for _, profile := range scim.Profiles() {
			t.Run(profile+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				replay(t, profile, test.name, test.run, test.want)
			})
		}
	}
}

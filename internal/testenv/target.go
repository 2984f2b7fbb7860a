package testenv

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

// names hands out names of tenants.
type names struct{ last atomic.Int64 }

// Target is one tenant of a server: a SCIM application of its own.
type Target struct {
	BaseURL, Token string
	Peculiarities  []Peculiarity
	t              testing.TB
	dump           func() Dump
}

// Has reports whether the target has a peculiarity.
func (x *Target) Has(p Peculiarity) bool { return slices.Contains(x.Peculiarities, p) }

// Dump reads what the target holds, from its store and not through SCIM.
func (x *Target) Dump() Dump {
	x.t.Helper()
	return x.dump()
}

// Tenant makes an empty target.
func (r *Running) Tenant(t testing.TB) *Target {
	t.Helper()
	at := fmt.Sprintf("http://127.0.0.1:%s/t%d", r.port, r.tenants.last.Add(1))
	return &Target{BaseURL: at + r.kit.base, Token: token, Peculiarities: r.kit.peculiarities, t: t, dump: func() Dump {
		t.Helper()
		status, body := ask(t, http.MethodGet, at+"/dump", "")
		if status != http.StatusOK {
			t.Fatalf("dump: %d %s", status, body)
		}
		return decodeDump(t, body)
	}}
}

// NewWiki serves the application of the quickstart on loopback.
func NewWiki(t testing.TB) *Target {
	t.Helper()
	app := wikiapp.New(wikiapp.Options{Token: token})
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	return &Target{BaseURL: server.URL + wikiapp.Prefix, Token: token, t: t, dump: func() Dump {
		var d Dump
		ids := map[string]string{}
		for _, user := range app.Users() {
			ids[user.UserName] = user.ID
			d.Users = append(d.Users, Resource{ID: user.ID, Attributes: user.Attributes})
		}
		for _, group := range app.Groups() {
			one := Resource{ID: group.ID, Attributes: map[string]any{"displayName": group.DisplayName, "externalId": group.ExternalID}}
			for _, name := range group.Members {
				one.Members = append(one.Members, ids[name])
			}
			d.Groups = append(d.Groups, one)
		}
		return d
	}}
}

func decodeDump(t testing.TB, body []byte) Dump {
	t.Helper()
	var raw struct{ Users, Groups []map[string]any }
	if err := json.Unmarshal(body, &raw); err != nil {
		t.Fatalf("dump: %v", err)
	}
	return Dump{Users: resources(raw.Users), Groups: resources(raw.Groups)}
}

func resources(raw []map[string]any) []Resource {
	var all []Resource
	for _, one := range raw {
		id, _ := one["id"].(string)
		r := Resource{ID: id, Attributes: one}
		members, _ := one["members"].([]any)
		for _, member := range members {
			object, _ := member.(map[string]any)
			value, _ := object["value"].(string)
			r.Members = append(r.Members, value)
		}
		all = append(all, r)
	}
	return all
}

// ask sends one request as an administrator would, without the code under test.
func ask(t testing.TB, method, at, body string) (status int, answer []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		request.Header.Set("Content-Type", "application/scim+json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

// Put makes an account that is there before anybody provisions.
func (x *Target) Put(attributes map[string]any) {
	x.t.Helper()
	body := map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}}
	for name, value := range attributes {
		body[name] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		x.t.Fatal(err)
	}
	if status, answer := ask(x.t, http.MethodPost, x.BaseURL+"/Users", string(text)); status != http.StatusCreated {
		x.t.Fatalf("make an account: %d %s", status, answer)
	}
}

// Delete removes the account of a name.
func (x *Target) Delete(name string) {
	x.t.Helper()
	user, ok := x.Dump().User(name)
	if !ok {
		x.t.Fatalf("there is no account %s", name)
	}
	if status, answer := ask(x.t, http.MethodDelete, x.BaseURL+"/Users/"+url.PathEscape(user.ID), ""); status != http.StatusNoContent {
		x.t.Fatalf("delete %s: %d %s", name, status, answer)
	}
}

// Leave removes a member from a group, both by name.
func (x *Target) Leave(group, name string) {
	x.t.Helper()
	d := x.Dump()
	g, ok := d.Group(group)
	user, there := d.User(name)
	if !ok || !there {
		x.t.Fatalf("there is no group %s or no account %s", group, name)
	}
	body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"%s\"]"}]}`, user.ID)
	if status, answer := ask(x.t, http.MethodPatch, x.BaseURL+"/Groups/"+url.PathEscape(g.ID), body); status >= http.StatusBadRequest {
		x.t.Fatalf("%s leaves %s: %d %s", name, group, status, answer)
	}
}

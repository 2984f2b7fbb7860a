package scim_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestBulkEffect: the answer to a bulk request never carries an account, so one is read for each form of operation that targets are
// known to take and ignore; what was ignored is written in another form, and no account is read for forms that took effect.
func TestBulkEffect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, profile string
		ignores       bool
		// first and second are the requests of two calls with two accounts each.
		first, second []string
	}{
		{"names that everybody takes", "rfc", false, []string{"POST /Bulk"}, []string{"POST /Bulk"}},
		{"several attributes without a path take effect", "entra-compliant", false, []string{"POST /Bulk", "GET"}, []string{"POST /Bulk"}},
		{"capitalised names are ignored", "entra", true, []string{"POST /Bulk", "GET", "GET", "PATCH", "GET", "GET", "GET", "PATCH", "GET"}, []string{"POST /Bulk"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := bulky(40)
			target.before = func(_ http.ResponseWriter, r *http.Request) bool {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				if test.ignores && r.URL.Path == "/scim/v2/Bulk" {
					// An operation on nothing that matters, whose answer is a success.
					body = bytes.ReplaceAll(body, []byte(`"op":"Add","path":"title"`), []byte(`"op":"add","path":"nickName"`))
				}
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
				return false
			}
			c := target.connect(t, func(o *scim.Options) { o.Profile = test.profile })
			var users []directory.Anchor
			for _, outcome := range c.Apply(t.Context(), creates(4)) {
				users = append(users, outcome.Target)
			}
			for i, want := range [][]string{test.first, test.second} {
				target.reset()
				changes := values{"title": text("Dr")}
				if test.profile == "entra-compliant" {
					changes["displayName"] = text("A")
				}
				var operations []connector.Operation
				for _, user := range users[2*i:][:2] {
					operations = append(operations, connector.Operation{ID: string(user), Kind: connector.Update, Type: directory.User, Target: user,
						Changes: changesOf(changes)})
				}
				for _, outcome := range c.Apply(t.Context(), operations) {
					if held := target.holding(t, outcome.Target, "title"); outcome.Err != nil || outcome.Warning != "" || !held["title"].Equal(text("Dr")) {
						t.Errorf("%+v, holds %v", outcome, held)
					}
				}
				var requests []string
				for _, request := range target.requests {
					if request != "POST /scim/v2/Bulk" {
						request, _, _ = strings.Cut(request, " ")
					} else {
						request = "POST /Bulk"
					}
					requests = append(requests, request)
				}
				if !slices.Equal(requests, want) {
					t.Errorf("call %d: requests %q, want %q", i+1, requests, want)
				}
			}
		})
	}
}

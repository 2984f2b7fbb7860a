package scim_test

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestMembersRead: however a server puts it, the answer is its members, sorted, or an error; never fewer of them in silence.
func TestMembersRead(t *testing.T) {
	t.Parallel()
	list := func(from, to int) string {
		var elements []string
		for i := from; i < to; i++ {
			elements = append(elements, fmt.Sprintf(`{"value":"u%03d"}`, i))
		}
		return strings.Join(elements, ",")
	}
	always := func(status int, body string) func(*http.Request) (int, string) {
		return func(*http.Request) (int, string) { return status, body }
	}
	paged := func(size, announced int) func(*http.Request) (int, string) {
		return func(r *http.Request) (int, string) {
			start, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("startIndex"), "1"))
			return 200, fmt.Sprintf(`{"id":"g1","totalResults":%d,"members":[%s]}`, announced, list(start-1, min(start-1+size, 250)))
		}
	}
	for _, test := range []struct {
		name     string
		answer   func(*http.Request) (int, string)
		want     []directory.Anchor
		err      directory.ErrorKind
		requests int
	}{
		{"as asked", always(200, `{"id":"g1","members":[{"value":"b","type":"User"},{"value":"a"}]}`), []directory.Anchor{"a", "b"}, "", 1},
		{"the whole group", always(200, `{"id":"g1","displayName":"Staff","meta":{},"Members":[{"Value":"a","display":"Ann"}]}`), []directory.Anchor{"a"}, "", 1},
		{"nobody, and no attribute", always(200, `{"id":"g1"}`), nil, "", 1},
		{"nobody, as null", always(200, `{"id":"g1","members":null}`), nil, "", 1},
		{"some", always(200, `{"id":"g1","members":[`+list(1, 3)+`]}`), memberIDs(1, 3), "", 1},
		{"twice the same", always(200, `{"id":"g1","members":[{"value":"a"},{"value":"a"}]}`), []directory.Anchor{"a"}, "", 1},
		{"numbers", always(200, `{"id":"g1","members":[{"value":12},7]}`), []directory.Anchor{"12", "7"}, "", 1},
		{"addresses", always(200, `{"id":"g1","members":[{"$ref":"https://wiki.example.com/scim/Users/a%20b"},{"$ref":"../Users/c/"}]}`), []directory.Anchor{"a b", "c"}, "", 1},
		{"without the id", always(200, `{"members":[{"value":"a"}]}`), []directory.Anchor{"a"}, "", 1},
		{"in pages", paged(100, 250), memberIDs(0, 250), "", 3},
		{"in pages that shrink", paged(30, 60), memberIDs(0, 60), "", 2},
		{"fewer than announced", paged(100, 260), nil, directory.Incompatible, 4},
		{"another group", always(200, `{"id":"g2","members":[]}`), nil, directory.Incompatible, 1},
		{"neither group nor members", always(200, `{"displayName":"Staff"}`), nil, directory.Incompatible, 1},
		{"a member without an id", always(200, `{"id":"g1","members":[{"display":"Ann"}]}`), nil, directory.Incompatible, 1},
		{"members that are none", always(200, `{"id":"g1","members":"a"}`), nil, directory.Incompatible, 1},
		{"not JSON", always(200, `<html>`), nil, directory.Incompatible, 1},
		{"no group", always(404, ``), nil, directory.NotFound, 1},
		{"no rights", always(403, ``), nil, directory.Forbidden, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := &hostile{answer: func(w http.ResponseWriter, r *http.Request) bool {
				status, body := test.answer(r)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
				return true
			}}
			got, err := server.connect(t).Members(t.Context(), "g1")
			if directory.KindOf(err) != test.err || !slices.Equal(got, test.want) {
				t.Errorf("%v %v, want %v %q", got, err, test.want, test.err)
			}
			if len(server.requests) != test.requests || !strings.HasPrefix(server.requests[0], "GET /scim/Groups/g1?attributes=members") {
				t.Errorf("requests %q, want %d", server.requests, test.requests)
			}
		})
	}
}

// TestMembersAreContradicted: that a member is there already, or gone, is not believed when the group shows otherwise.
func TestMembersAreContradicted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		kind   connector.OperationKind
		status int
		group  string
		failed []directory.Anchor
	}{
		{"there", connector.AddMembers, 409, `{"id":"g1","members":[{"value":"u000"},{"value":"u001"}]}`, nil},
		{"not there", connector.AddMembers, 409, `{"id":"g1","members":[{"value":"u001"}]}`, memberIDs(0, 1)},
		{"nobody tells", connector.AddMembers, 409, `{"id":"g1"}`, nil},
		{"gone", connector.RemoveMembers, 404, `{"id":"g1","members":[]}`, nil},
		{"not gone", connector.RemoveMembers, 404, `{"id":"g1","members":[{"value":"u001"}]}`, memberIDs(1, 2)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPatch {
					w.WriteHeader(test.status)
					return
				}
				_, _ = io.WriteString(w, test.group)
			})
			outcome := one(t, c, connector.Operation{ID: "m", Kind: test.kind, Type: directory.Group, Target: "g1", Members: memberIDs(0, 2)})
			if outcome.Err != nil || !slices.Equal(outcome.Failed, test.failed) {
				t.Errorf("%+v", outcome)
			}
		})
	}
}

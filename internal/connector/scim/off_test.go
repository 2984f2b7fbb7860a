package scim_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestSwitchedOffAlone: nobody stays on because something else in the same update is taken by somebody else, or forbidden.
func TestSwitchedOffAlone(t *testing.T) {
	t.Parallel()
	off, on := directory.Boolean(false), directory.Boolean(true)
	taken := func(o operationJSON) string {
		if o["path"] == "nickName" {
			return "uniqueness"
		}
		return ""
	}
	forbidden := func(w http.ResponseWriter, r *http.Request) bool {
		body := readBody(t, r)
		if r.Method == http.MethodPut || !strings.Contains(body, "nickName") {
			return false
		}
		if r.Method == http.MethodPatch {
			scimError(w, http.StatusForbidden, "")
			return true
		}
		return false
	}
	takenWhole := func(w http.ResponseWriter, r *http.Request) bool {
		if body := readBody(t, r); r.Method == http.MethodPut && strings.Contains(body, `"Babs"`) {
			scimError(w, http.StatusConflict, "uniqueness")
			return true
		}
		return false
	}
	changes := values{"active": off, "nickName": text("Babs"), "title": text("Dr")}
	for _, test := range []struct {
		name    string
		target  *picky
		method  string
		changes values
		left    []string
		err     directory.ErrorKind
	}{
		{"taken", &picky{Handler: newPicky().Handler, judge: taken}, "", changes, []string{"nickName", "title"}, ""},
		{"forbidden", &picky{Handler: newPicky().Handler, before: forbidden}, "", changes, []string{"nickName", "title"}, ""},
		{"with PUT", &picky{Handler: newPicky().Handler, before: takenWhole}, "put", changes, []string{"nickName", "title"}, ""},
		{"nobody is switched off", &picky{Handler: newPicky().Handler, judge: taken}, "", values{"active": on, "nickName": text("Babs")}, nil, directory.Conflict},
		{"nothing else", &picky{Handler: newPicky().Handler, judge: func(operationJSON) string { return "uniqueness" }}, "", values{"active": off}, nil, directory.Conflict},
		{"everything is taken", &picky{Handler: newPicky().Handler, judge: func(operationJSON) string { return "uniqueness" }}, "", changes, nil, directory.Conflict},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := test.target.connect(t, func(o *scim.Options) { o.UpdateMethod = test.method })
			user := createUser(t, c, values{"userName": text("ada"), "active": on})
			update := connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(test.changes), Current: values{"active": on}}
			outcome := one(t, c, update)
			if directory.KindOf(outcome.Err) != test.err || !slices.Equal(outcome.Unwritten, test.left) {
				t.Errorf("%+v", outcome)
			}
			if held := test.target.holding(t, user, "active", "title"); held["active"].Equal(off) != (test.left != nil) || !held["title"].IsNull() {
				t.Errorf("%v", held)
			}
		})
	}
}

// TestSwitchedOffAloneInBulk: an operation of a bulk request goes alone then.
func TestSwitchedOffAloneInBulk(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		changes values
		alone   []string
	}{
		{values{"active": directory.Boolean(false), "nickName": text("Babs")}, []string{"PATCH"}},
		{values{"active": directory.Boolean(true), "nickName": text("Babs")}, nil},
		{values{"active": directory.Boolean(false)}, nil},
	} {
		target := &strict{one: func(method, _ string) int { return map[string]int{http.MethodPatch: http.StatusConflict}[method] }}
		c := serve(t, target.ServeHTTP)
		update := connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "1", Changes: changesOf(test.changes)}
		outcome := c.Apply(t.Context(), append(creates(1), update))[1]
		if (outcome.Err != nil) != (test.alone == nil) || !slices.Equal(target.alone, test.alone) {
			t.Errorf("%+v, alone %q", outcome, target.alone)
		}
	}
}

// hidden tells whether accounts are on to nobody.
type hidden struct{ http.Handler }

func (h hidden) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	h.Handler.ServeHTTP(recorder, r)
	var body map[string]any
	answer := recorder.Body.Bytes()
	if json.Unmarshal(answer, &body) == nil && body["active"] != nil {
		delete(body, "active")
		answer, _ = json.Marshal(body)
	}
	maps.Copy(w.Header(), recorder.Header())
	w.Header().Del("Content-Length")
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(answer)
}

// TestSwitchedOffUnseen: where accounts do not show whether they are on, that is said of the first that is switched off, and among what was
// learned, until one shows it.
func TestSwitchedOffUnseen(t *testing.T) {
	t.Parallel()
	const fact = "accounts that are switched off: cannot be seen"
	for _, test := range []struct {
		name, method string
		silent       bool
	}{{"the answer leaves it out", "", false}, {"no answer", "", true}, {"with PUT", "put", false}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := newPicky()
			var shown http.Handler = target
			if test.silent {
				shown = quiet{target}
			}
			off := func(c *scim.Connector, name string) string {
				t.Helper()
				user := createUser(t, c, values{"userName": text(name), "active": directory.Boolean(true)})
				outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user,
					Changes: changesOf(values{"active": directory.Boolean(false)}), Current: values{"active": directory.Boolean(true)}})
				if held := target.holding(t, user, "active"); outcome.Err != nil || outcome.Unwritten != nil || !held["active"].Equal(directory.Boolean(false)) {
					t.Fatalf("%+v, %v", outcome, held)
				}
				return outcome.Warning
			}
			c := (&picky{Handler: hidden{shown}}).connect(t, func(o *scim.Options) { o.UpdateMethod = test.method })
			if first, second := off(c, "ada"), off(c, "bob"); !strings.Contains(first, "nobody can see whether they are off") || second != "" {
				t.Errorf("told of the first: %q, of the second: %q", first, second)
			}
			if !slices.Contains(facts(c), fact) {
				t.Errorf("learned %q", facts(c))
			}
			next := (&picky{Handler: shown}).connect(t, func(o *scim.Options) { o.UpdateMethod, o.Learned = test.method, c.Learned().Document })
			if told := off(next, "cyn"); told != "" || slices.Contains(facts(next), fact) {
				t.Errorf("told %q, learned %q", told, facts(next))
			}
		})
	}
}

package scim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// quiet answers every write of the picky server with 204 and no word.
type quiet struct{ *picky }

func (q quiet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPatch {
		q.picky.ServeHTTP(w, r)
		return
	}
	silent := &silentWriter{ResponseWriter: w}
	q.picky.ServeHTTP(silent, r)
	if silent.status < http.StatusMultipleChoices {
		w.Header().Del("Content-Length")
		w.WriteHeader(http.StatusNoContent)
	}
}

// silentWriter keeps a success to itself.
type silentWriter struct {
	http.ResponseWriter
	status int
}

func (s *silentWriter) WriteHeader(status int) {
	if s.status = status; status >= http.StatusMultipleChoices {
		s.ResponseWriter.WriteHeader(status)
	}
}

func (s *silentWriter) Write(body []byte) (int, error) {
	if s.status == 0 || s.status < http.StatusMultipleChoices {
		s.status = http.StatusOK
		return len(body), nil
	}
	return s.ResponseWriter.Write(body)
}

// TestSwitchedOff: the first account that is switched off is looked at, and whoever stays on is a failure.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		ignore func(operationJSON) bool
		err    directory.ErrorKind
		facts  []string
		// requests for the first and the second account.
		requests []int
	}{
		{"done", nil, "", nil, []int{2, 1}},
		{"never done", func(o operationJSON) bool { return o["path"] == "active" }, directory.Incompatible, nil, nil},
		{"done as text", func(o operationJSON) bool {
			if o["path"] != "active" {
				return false
			}
			_, isBoolean := o["value"].(bool)
			o["value"] = o["value"] == "True"
			return isBoolean
		}, "", []string{"boolean values in PATCH: texts"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := newPicky()
			target.ignore = test.ignore
			c := (&picky{Handler: quiet{target}}).connect(t, nil)
			for i, name := range []string{"ada", "bob"} {
				user := createUser(t, c, values{"userName": text(name), "active": directory.Boolean(true)})
				target.reset()
				outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user,
					Changes: changesOf(values{"active": directory.Boolean(false), "title": text("Dr")}), Current: values{"active": directory.Boolean(true)}})
				if directory.KindOf(outcome.Err) != test.err {
					t.Fatalf("%+v", outcome)
				}
				if n := target.reset(); test.requests != nil && n != test.requests[i] {
					t.Errorf("%s: %d requests, want %d", name, n, test.requests[i])
				}
				held := target.holding(t, user, "active", "title")
				if held["active"].Equal(directory.Boolean(false)) != (test.err == "") || !held["title"].Equal(text("Dr")) {
					t.Errorf("%v", held)
				}
			}
			if !slices.Equal(facts(c), test.facts) {
				t.Errorf("learned %q", facts(c))
			}
		})
	}
}

// TestSwitchedOffOtherwise: whoever is switched off is looked at too when the update was refused at first, and where there is no PATCH.
func TestSwitchedOffOtherwise(t *testing.T) {
	t.Parallel()
	refused := func(o operationJSON) string {
		if o["path"] == "title" {
			return "invalidValue"
		}
		return ""
	}
	ignored := func(o operationJSON) bool { return o["path"] == "active" }
	for _, test := range []struct {
		name   string
		target *picky
		method string
		err    directory.ErrorKind
	}{
		{"after a refusal, done", &picky{Handler: newPicky().Handler, judge: refused}, "", ""},
		{"after a refusal, not done", &picky{Handler: newPicky().Handler, judge: refused, ignore: ignored}, "", directory.Incompatible},
		{"with PUT, done", newPicky(), "put", ""},
		{"with PUT, not done", &picky{Handler: staysOn{newPicky().Handler}}, "put", directory.Incompatible},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := (&picky{Handler: quiet{test.target}}).connect(t, func(o *scim.Options) { o.UpdateMethod = test.method })
			user := createUser(t, c, values{"userName": text("ada"), "active": directory.Boolean(true), "nickName": text("Babs")})
			outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user,
				Changes: changesOf(values{"active": directory.Boolean(false), "nickName": text("A"), "title": text("Dr")}), Current: values{"active": directory.Boolean(true)}})
			held := test.target.holding(t, user, "active", "nickName")
			if directory.KindOf(outcome.Err) != test.err || held["active"].Equal(directory.Boolean(false)) != (test.err == "") || !held["nickName"].Equal(text("A")) {
				t.Errorf("%+v, %v", outcome, held)
			}
		})
	}
}

// staysOn takes a whole account but for its being switched off.
type staysOn struct{ http.Handler }

func (s staysOn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		body["active"] = true
		encoded, _ := json.Marshal(body)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(encoded)), int64(len(encoded))
		s.Handler.ServeHTTP(&silentWriter{ResponseWriter: w}, r)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.Handler.ServeHTTP(w, r)
}

// TestGlance: where answers say nothing, one change of each attribute is read back. One that had no effect is told, and counts as
// written; the next connector finds out when it has one again.
func TestGlance(t *testing.T) {
	t.Parallel()
	target := newPicky()
	target.ignore = func(o operationJSON) bool { return o["path"] == "title" }
	c := (&picky{Handler: quiet{target}}).connect(t, nil)
	update := func(c *scim.Connector, name string, from, to values, requests int, warning string) {
		t.Helper()
		user := createUser(t, c, merged(values{"userName": text(name)}, from))
		target.reset()
		outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(to), Current: from})
		if outcome.Err != nil || outcome.Unwritten != nil || outcome.Warning != warning {
			t.Errorf("%s: %+v", name, outcome)
		}
		if n := target.reset(); n != requests {
			t.Errorf("%s: %d requests, want %d", name, n, requests)
		}
	}
	dr, prof := values{"title": text("Dr"), "nickName": text("A")}, values{"title": text("Prof"), "nickName": text("B")}
	const warning = "the target answered with success, and nothing changed: title still is what it was; the target may show changes late, or not let it be changed"
	update(c, "new values", values{}, dr, 1, "")
	update(c, "the same value", values{"nickName": text("A")}, values{"nickName": text("A")}, 1, "")
	update(c, "the first change", dr, prof, 3, warning)
	update(c, "the second", dr, prof, 1, "")
	update(c, "another attribute", values{"displayName": text("A")}, values{"displayName": text("B")}, 2, "")
	update(c, "one that is taken away", values{"locale": text("en")}, values{"locale": directory.Null()}, 2, "")
	if want := []string{"effect of updates of title: not seen"}; !slices.Equal(facts(c), want) {
		t.Errorf("learned %q", facts(c))
	}
	target.ignore = nil
	next := (&picky{Handler: quiet{target}}).connect(t, func(o *scim.Options) { o.Learned = c.Learned().Document })
	update(next, "later", dr, prof, 2, "")
	if facts(next) != nil {
		t.Errorf("learned %q", facts(next))
	}
	// An answer with the account is believed for nothing, and in other forms.
	loud := target.connect(t, nil)
	update(loud, "told", dr, prof, 1, "")
}

// TestNormalised: a target that keeps names in lower case, and drops empty texts, was not told in vain: there is nothing to try in other
// forms, and nothing that is pending for ever (scim-client.md 17, row 19).
func TestNormalised(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		current, write values
		answer         string
		left           []string
	}{
		{"a name in another case", values{"userName": text("ada@x")}, values{"userName": text("Ada@X")}, `{"id":"1","userName":"ada@x"}`, nil},
		{"an address in another case", values{workEmail: text("ada@x")}, values{workEmail: text("Ada@X")}, `{"id":"1","emails":[{"type":"work","value":"ada@x"}]}`, nil},
		{"an empty text where nothing was", values{}, values{"title": text("")}, `{"id":"1","userName":"ada"}`, nil},
		{"no text where an empty one was", values{"title": text("")}, values{"title": directory.Null()}, `{"id":"1","title":""}`, nil},
		{"another form", values{"nickName": text("+49 1")}, values{"nickName": text("+49 2")}, `{"id":"1","nickName":"+492"}`, nil},
		{"case counts", values{"externalId": text("e-1")}, values{"externalId": text("E-1")}, `{"id":"1","externalId":"e-1"}`, []string{"externalId"}},
		{"the old value", values{"title": text("Dr")}, values{"title": text("Prof")}, `{"id":"1","title":"Dr"}`, []string{"title"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			patches := 0
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPatch {
					patches++
				}
				_, _ = io.WriteString(w, test.answer)
			})
			outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "1", Changes: changesOf(test.write), Current: test.current})
			if outcome.Err != nil || !slices.Equal(outcome.Unwritten, test.left) || test.left == nil && patches != 1 || facts(c) != nil {
				t.Errorf("%d patches, %+v, learned %q", patches, outcome, facts(c))
			}
		})
	}
}

// TestLooksOnce: when the answer to a create says nothing of elements, one account is read, and no more.
func TestLooksOnce(t *testing.T) {
	t.Parallel()
	reads := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/scim+json")
		if r.Method == http.MethodGet {
			reads++
			_, _ = io.WriteString(w, `{"id":"1","userName":"ada","emails":[{"primary":true,"value":"a@b"},{"value":"x@y"}]}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1","userName":"ada"}`)
	})
	for range 3 {
		createUser(t, c, values{"userName": text("ada"), workEmail: text("a@b")})
	}
	if reads != 1 || !slices.Equal(facts(c), []string{`selecting the element emails[type eq "work"]: primary`}) {
		t.Errorf("%d reads, learned %q", reads, facts(c))
	}
}

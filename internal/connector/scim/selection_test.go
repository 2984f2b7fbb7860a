package scim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// forgetful keeps the addresses of one account without their type, and adds whatever is added (scim-client.md 17, row 8).
type forgetful struct {
	emails []any
	// says that PATCH is answered with the account.
	says bool
	adds int
}

func (f *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/scim+json")
	if r.Method == http.MethodPatch {
		var body struct{ Operations []operationJSON }
		_ = json.NewDecoder(r.Body).Decode(&body)
		for _, o := range body.Operations {
			elements, whole := o["value"].([]any)
			if o["path"] != "emails" || !whole {
				scimError(w, http.StatusBadRequest, "noTarget")
				return
			}
			if o["op"] == "replace" {
				f.emails = nil
			}
			f.adds++
			for _, element := range elements {
				delete(element.(map[string]any), "type")
				f.emails = append(f.emails, element)
			}
		}
		if !f.says {
			w.WriteHeader(http.StatusNoContent)
			return
		}
	}
	encoded, _ := json.Marshal(map[string]any{"id": "1", "userName": "ada", "emails": f.emails})
	_, _ = w.Write(encoded)
}

// TestSelectionIsNotGuessed: an answer that does not show what was written yet, and has the same address under another type, teaches
// nothing: the other address would be overwritten from then on.
func TestSelectionIsNotGuessed(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":"1","userName":"ada","emails":[{"type":"home","primary":true,"value":"a@b"}]}`)
	})
	one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "1",
		Changes: changesOf(values{workEmail: text("a@b")}), Current: values{workEmail: text("old@b")}})
	if facts(c) != nil {
		t.Errorf("learned %q", facts(c))
	}
}

// TestElementsWithoutType: an account that was there before, on a target that keeps nothing which tells the elements apart, gets its
// address once, and no other is taken away.
func TestElementsWithoutType(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before []any
		facts  []string
		after  []any
	}{
		"no address":   {nil, []string{`selecting the element emails[type eq "work"]: only`}, []any{"new@b"}},
		"another one":  {[]any{map[string]any{"value": "x@y"}}, nil, []any{"x@y", "new@b"}},
		"the same one": {[]any{map[string]any{"value": "new@b"}}, nil, []any{"new@b", "new@b"}},
	} {
		for _, says := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				target := &forgetful{emails: slices.Clone(test.before), says: says}
				c := serve(t, target.ServeHTTP)
				outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "1", Changes: changesOf(values{workEmail: text("new@b")})})
				if outcome.Err != nil || outcome.Unwritten != nil || target.adds != 1 {
					t.Errorf("%d times: %+v", target.adds, outcome)
				}
				held := []any{}
				for _, element := range target.emails {
					held = append(held, element.(map[string]any)["value"])
				}
				if !slices.Equal(held, test.after) {
					t.Errorf("addresses %v, want %v", held, test.after)
				}
				if says && !slices.Equal(facts(c), test.facts) {
					t.Errorf("learned %q, want %q", facts(c), test.facts)
				}
			})
		}
	}
}

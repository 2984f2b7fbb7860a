package scim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestRemovalProvenMeanwhile: of two groups that are written at the same time one has it proven that members may be removed by
// value; the other, whose members were refused before, gets rid of them too.
func TestRemovalProvenMeanwhile(t *testing.T) {
	t.Parallel()
	target := removal{refusesPath: true, value: "one"}.target()
	honest := (&picky{Handler: target.Handler}).connect(t, nil)
	var members, groups []directory.Anchor
	for _, name := range []string{"a", "b", "c"} {
		members = append(members, createUser(t, honest, values{"userName": text(name)}))
	}
	for _, name := range []string{"slow", "quick"} {
		group := one(t, honest, connector.Operation{ID: "g", Kind: connector.Create, Type: directory.Group, Changes: changesOf(values{"displayName": text(name)})}).Target
		one(t, honest, connector.Operation{ID: "m", Kind: connector.AddMembers, Type: directory.Group, Target: group, Members: members})
		groups = append(groups, group)
	}
	proven := make(chan struct{})
	over := sync.OnceFunc(func() { close(proven) })
	target.before = func(w http.ResponseWriter, r *http.Request) bool {
		// The slow group is answered when the trial is over: its group is gone.
		if r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/"+string(groups[0])) {
			<-proven
		}
		if r.Method == http.MethodDelete {
			recorded := httptest.NewRecorder()
			target.Handler.ServeHTTP(recorded, r)
			over()
			w.WriteHeader(recorded.Code)
			return true
		}
		return false
	}
	c := target.connect(t, func(o *scim.Options) { o.RateLimit.Concurrency = 2 })
	var operations []connector.Operation
	for _, group := range groups {
		operations = append(operations, connector.Operation{ID: string(group), Kind: connector.RemoveMembers, Type: directory.Group, Target: group, Members: members[:2]})
	}
	for i, outcome := range c.Apply(t.Context(), operations) {
		there, err := honest.Members(t.Context(), groups[i])
		if err != nil || outcome.Err != nil || len(outcome.Failed) > 0 || !slices.Equal(there, members[2:]) {
			t.Errorf("group %d: %+v, left %q, %v", i, outcome, there, err)
		}
	}
}

// TestTrialGroupIsDeletedAgain: when nobody knows whether the throw-away group was deleted it is deleted again; when the target
// refuses to delete groups, somebody is told that it is there.
func TestTrialGroupIsDeletedAgain(t *testing.T) {
	t.Parallel()
	const left = "throw-away group: left in the target"
	for _, test := range []struct {
		name string
		// status is what the first deletes are answered, and lost how many there are of them.
		status, lost int
		told         bool
	}{{"nothing is lost", 0, 0, false}, {"two answers are lost", http.StatusBadGateway, 2, false}, {"refused", http.StatusForbidden, 9, true}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := removal{refusesPath: true, value: "one"}.target()
			honest := (&picky{Handler: target.Handler}).connect(t, nil)
			members := []directory.Anchor{createUser(t, honest, values{"userName": text("a")}), createUser(t, honest, values{"userName": text("b")})}
			group := one(t, honest, connector.Operation{ID: "g", Kind: connector.Create, Type: directory.Group, Changes: changesOf(values{"displayName": text("Staff")})}).Target
			one(t, honest, connector.Operation{ID: "m", Kind: connector.AddMembers, Type: directory.Group, Target: group, Members: members})
			lost := 0
			target.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodDelete || lost >= test.lost {
					return false
				}
				lost++
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, "no")
				return true
			}
			c := target.connect(t, nil)
			outcome := one(t, c, connector.Operation{ID: "r", Kind: connector.RemoveMembers, Type: directory.Group, Target: group, Members: members[:1]})
			found, err := honest.Find(t.Context(), connector.Query{Type: directory.Group, Attribute: "displayName", Value: text(trialGroup)})
			if err != nil || outcome.Err != nil || len(outcome.Failed) > 0 || (len(found) > 0) != test.told || slices.Contains(facts(c), left) != test.told {
				t.Errorf("%+v, %d throw-away groups, %q, %v", outcome, len(found), facts(c), err)
			}
		})
	}
}

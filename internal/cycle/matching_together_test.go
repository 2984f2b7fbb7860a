package cycle_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// manyFinder is a target that answers many queries at once, and remembers them.
type manyFinder struct {
	*connectormemory.Connector
	// wrapsNothing says that it cannot do it after all.
	wrapsNothing bool

	mu    sync.Mutex
	asked []string
}

func (c *manyFinder) FindMany(ctx context.Context, queries []connector.Query) ([]connector.Found, error) {
	if c.wrapsNothing {
		return nil, directory.Errorf(directory.Unsupported, "one query at a time")
	}
	found := make([]connector.Found, len(queries))
	var values []string
	for i, query := range queries {
		found[i].Accounts, found[i].Err = c.Find(ctx, query)
		values = append(values, query.Attribute+"="+query.Value.String())
	}
	slices.Sort(values)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, strings.Join(values, " "))
	return found, nil
}

// TestObjectsAreLookedForTogether: all by the first matching attribute at once, then those who are left by the second; and a target that
// cannot do that is asked for one after the other, with the same outcome.
func TestObjectsAreLookedForTogether(t *testing.T) {
	t.Parallel()
	for _, alone := range []bool{false, true} {
		t.Run(fmt.Sprintf("alone %v", alone), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			target := &manyFinder{Connector: w.target, wrapsNothing: alone}
			w.engine.OpenConnector = func(cycle.Opening) (connector.Connector, error) { return target, nil }
			d := definition(func(d *job.Definition) {
				d.Mappings[0].Attributes = append(d.Mappings[0].Attributes, job.AttributeMapping{Target: "externalId", Expression: "[employeeId]", MatchingPrecedence: 2, FlowType: job.FlowAlways})
			})
			number := func(o *directory.Object) { o.Attributes["employeeId"] = directory.Text("E-" + string(o.Anchor)) }
			w.target.Put(account("a-1", "ada@example.com", "Old"))
			w.target.Put(connectormemory.Entry{Type: directory.User, Anchor: "a-2", Attributes: map[string]directory.Value{
				"userName": directory.Text("robert@example.com"), "externalId": directory.Text("E-bob"), "department": directory.Text("Old"), "active": directory.Boolean(true),
			}})
			w.source.Put(person("ada", "Sales", number), person("bob", "Sales", number), person("cyn", "Sales", number), person("dan", "Sales"))
			report := w.commit(d)
			if c := report.Cycle.Counts; c.Created != 2 || c.Updated != 2 || report.FailureCount != 0 {
				t.Errorf("counts %+v, failures %+v", c, report.Failures)
			}
			w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "cyn@example.com active=True department=Sales", "dan@example.com active=True department=Sales")
			want := []string{
				"userName=ada@example.com userName=bob@example.com userName=cyn@example.com userName=dan@example.com",
				"externalId=E-bob externalId=E-cyn",
			}
			if alone {
				want = nil
			}
			if diff := cmp.Diff(want, target.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if calls := w.target.Calls(); calls.Find != 6 {
				t.Errorf("%d queries, want 6", calls.Find)
			}
		})
	}
}

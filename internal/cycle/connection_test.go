package cycle_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

// tested is a target whose connection test is watched, and fails with an error if there is one.
type tested struct {
	*connectormemory.Connector
	err    error
	probes []connector.Probe
	// left is how much time the last test had; 0 when it had all it wanted.
	left time.Duration
}

func (c *tested) Test(ctx context.Context, probe connector.Probe) error {
	c.probes = append(c.probes, probe)
	if deadline, ok := ctx.Deadline(); ok {
		c.left = time.Until(deadline)
	}
	return c.err
}

func (w *world) tests() *tested {
	c := &tested{Connector: w.target}
	w.engine.OpenConnector = func(cycle.Opening) (connector.Connector, error) { return c, nil }
	return c
}

// refusal is a failed connection test as a connector reports it.
func refusal(kind directory.ErrorKind, failure connector.TestFailure) error {
	failure.Err = directory.Errorf(kind, "answered %d", failure.Status)
	return &directory.Error{Kind: kind, Code: "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable", Message: "connection test: " + failure.Err.Error(), Err: failure}
}

func (w *world) remarks(definition job.Definition) []string {
	w.t.Helper()
	remarks, err := w.engine.PlanRemarks(w.t.Context(), definition, w.preview(definition))
	if err != nil {
		w.t.Fatal(err)
	}
	return remarks
}

func TestPlanTestsTheConnectionWhenItWouldBeUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tests()
	w.source.Put(person("ada", "Sales"))
	both := definition(withGroups)
	if remarks := w.remarks(both); len(remarks) > 0 || len(c.probes) != 2 {
		t.Fatalf("a new job: %q after %d tests, want none after 2", remarks, len(c.probes))
	}
	for i, want := range []connector.Probe{{Type: directory.User, Attribute: "userName"}, {Type: directory.Group, Attribute: "displayName"}} {
		if got := c.probes[i]; got.Type != want.Type || got.Attribute != want.Attribute || got.Value == "" {
			t.Errorf("test %d looked for %+v, want a random %s of a %s", i, got, want.Attribute, want.Type)
		}
	}
	if c.left <= 0 || c.left > 5*time.Second {
		t.Errorf("the test had %v, want at most 5s", c.left)
	}
	w.commit(both)
	c.probes = nil
	if w.remarks(both); len(c.probes) > 0 {
		t.Errorf("nothing would be sent, and %v was tested", c.probes)
	}
	w.source.Put(person("bob", "Sales"))
	if w.remarks(both); len(c.probes) != 2 {
		t.Errorf("an account would be made, and %d tests were made", len(c.probes))
	}
	c.probes = nil
	if w.remarks(definition(withGroups, func(d *job.Definition) { d.State = job.Paused })); len(c.probes) > 0 {
		t.Errorf("a paused job was tested: %v", c.probes)
	}
}

func TestPlanWarnsOfAFailedTest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tests()
	w.source.Put(person("ada", "Sales"))
	c.err = refusal(directory.Unauthorised, connector.TestFailure{Fault: connector.FaultCredentials, Status: 401, Advice: "Give it another token."})
	remarks := w.remarks(definition())
	if len(remarks) != 1 || !strings.Contains(remarks[0], "answered 401") || !strings.Contains(remarks[0], "Give it another token.") || len(c.probes) != 1 {
		t.Errorf("%q after %d tests", remarks, len(c.probes))
	}
	// The secret of a new connection is not there before the apply: that is no failure.
	c.err = refusal(directory.Invalid, connector.TestFailure{Fault: connector.FaultCredentials})
	if remarks := w.remarks(definition()); len(remarks) > 0 {
		t.Errorf("without a secret: %q", remarks)
	}
	// The apply fails, and nothing was sent.
	c.err = refusal(directory.Transient, connector.TestFailure{Fault: connector.FaultUnreachable, Advice: "Start it."})
	if _, err := w.tryCommit(t.Context(), definition(), nil); !strings.Contains(err.Error(), "the connection test failed") || !strings.HasSuffix(err.Error(), ". Start it") || w.target.Calls().Writes() > 0 {
		t.Errorf("applied: %v, %d writes", err, w.target.Calls().Writes())
	}
}

func TestOnDemandLogsWhatTheTestFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tests()
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	c.err = refusal(directory.Forbidden, connector.TestFailure{Fault: connector.FaultForbidden, Resource: "User", Operation: `GET /Users?filter=userName eq "x"`, Status: 403,
		Headers: []string{"A: 1", "B: 2"}, Body: "no", Advice: "Ask."})
	results, err := w.engine.OnDemand(t.Context(), jobID, []cycle.Subject{{Type: directory.User, ID: "ada"}}, true)
	if err != nil || len(results) != 1 || results[0].Record.ErrorCode != directory.CodeOf(c.err) {
		t.Fatalf("%+v, %v", results, err)
	}
	want := []provlog.Step{{Name: "ConnectionTest", Type: provlog.StepProcessing, Status: provlog.StatusFailure, Description: "the connection test failed: connection test: answered 403",
		Details: map[string]string{"fault": "forbidden", "resource": "User", "operation": `GET /Users?filter=userName eq "x"`, "status": "403", "headers": "A: 1\nB: 2", "body": "no", "advice": "Ask."}}}
	if diff := cmp.Diff(want, results[0].Record.Steps); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// describes makes the world's target say this about itself.
func (w *world) describes(discovery connector.Discovery) {
	w.target = connectormemory.New(connectormemory.Options{Discovery: discovery})
	w.connector = w.target
}

func TestMappingsAreComparedWithTheTargetsSchema(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attribute := func(path, kind string, required bool) connector.TargetAttribute {
		return connector.TargetAttribute{ObjectType: directory.User, Path: path, Type: kind, Required: required, Mutability: "readWrite"}
	}
	w.describes(connector.Discovery{Attributes: []connector.TargetAttribute{
		attribute("active", "string", false), attribute("departmen", "string", false), attribute("title", "string", true), attribute("userName", "string", true),
	}})
	d := definition(func(d *job.Definition) {
		d.Mappings[0].Attributes = append(d.Mappings[0].Attributes[:2:2], d.Mappings[0].Attributes[3])
	})
	if remarks := w.remarks(d); len(remarks) > 0 {
		t.Errorf("before the first contact: %q", remarks)
	}
	want := `the mappings do not fit what the target of wiki/scim says about itself (3 in all). The target has the last word: nothing is held back because of this.
user active: the attribute is a string in the target's schema, and the mapping writes a boolean
user department: the target's schema has no such attribute; did you mean departmen?
user title: the target's schema demands a value, and no mapping writes one: creating accounts may fail; map it`
	// The first apply finds out, and says so itself; later plans remember.
	for when, warnings := range map[string][]string{"first apply": w.commit(d).Warnings, "later plan": w.remarks(d)} {
		if diff := cmp.Diff([]string{want}, warnings); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	if warnings := w.commit(d).Warnings; len(warnings) > 0 {
		t.Errorf("an apply after a plan that said so: %q", warnings)
	}
}

func TestTestConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tests()
	connection := definition().Connection
	got, err := w.engine.TestConnection(t.Context(), connection, nil)
	if err != nil || len(got) != 1 || got[0].Err != nil || got[0].Probe.Attribute != "userName" {
		t.Errorf("without mappings: %+v, %v; want one test by userName", got, err)
	}
	c.err = errors.New("down")
	mapping := job.Mapping{ObjectType: directory.Group, Enabled: true, Attributes: []job.AttributeMapping{
		{Target: "a", Expression: "[a]", MatchingPrecedence: 2}, {Target: "b", Expression: "[b]", MatchingPrecedence: 1},
	}}
	got, err = w.engine.TestConnection(t.Context(), connection, []job.Mapping{mapping, {ObjectType: directory.User}})
	if err != nil || len(got) != 1 || !errors.Is(got[0].Err, c.err) || got[0].Probe.Attribute != "b" || got[0].Probe.Type != directory.Group {
		t.Errorf("%+v, %v; want one failed test of groups by b", got, err)
	}
}

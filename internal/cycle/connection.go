package cycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// planTestLimit is how long a plan waits for its connection test: a target that cannot be reached from where plans run must not
// slow them down.
const planTestLimit = 5 * time.Second

// ConnectionTest is what the test of a connection gave for one object type (engine.md 21).
type ConnectionTest struct {
	Probe connector.Probe
	// Err is nil when the target answered as it should; otherwise it wraps a connector.TestFailure where the connector knows more.
	Err error
}

// Knowledge is what is known of the target behind a connection.
type Knowledge struct {
	store.Knowledge
	// Discovery is nil when the target was never asked.
	Discovery *connector.Discovery
}

// TestConnection looks for somebody who does not exist, once for each object type that is mapped, by the first matching attribute. It
// changes nothing. The error is that nothing could be tried.
func (e *Engine) TestConnection(ctx context.Context, connection job.Connection, mappings []job.Mapping) ([]ConnectionTest, error) {
	opened, err := e.open(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer e.close(ctx, opened)
	tests := make([]ConnectionTest, 0, len(mappings))
	for _, probe := range e.probes(mappings) {
		tests = append(tests, ConnectionTest{Probe: probe, Err: opened.connector.Test(ctx, probe)})
	}
	return tests, nil
}

// probes are what to look for. Without mappings it is what every target with users can answer.
func (e *Engine) probes(mappings []job.Mapping) []connector.Probe {
	var probes []connector.Probe
	for _, objectType := range directory.ObjectTypes() {
		for _, mapping := range mappings {
			if attribute := matchingAttribute(mapping); mapping.ObjectType == objectType && mapping.Enabled && attribute != "" {
				probes = append(probes, connector.Probe{Type: objectType, Attribute: attribute, Value: e.NewID()})
				break
			}
		}
	}
	if len(probes) == 0 {
		probes = append(probes, connector.Probe{Type: directory.User, Attribute: "userName", Value: e.NewID()})
	}
	return probes
}

// matchingAttribute is the first attribute a mapping matches by, empty when it matches by none.
func matchingAttribute(mapping job.Mapping) string {
	first := job.AttributeMapping{}
	for _, mapped := range mapping.Effective() {
		if p := mapped.MatchingPrecedence; p > 0 && (first.Target == "" || p < first.MatchingPrecedence) {
			first = mapped
		}
	}
	return first.Target
}

// DiscoverConnection asks the target what it says about itself and keeps the answer for later plans.
func (e *Engine) DiscoverConnection(ctx context.Context, connection job.Connection) (connector.Discovery, error) {
	opened, err := e.open(ctx, connection)
	if err != nil {
		return connector.Discovery{}, err
	}
	defer e.close(ctx, opened)
	return e.discover(ctx, opened)
}

// DiagnoseConnection finds out how far a connection works. A connector that cannot do it has nothing to report.
func (e *Engine) DiagnoseConnection(ctx context.Context, connection job.Connection, report func(connector.Finding)) error {
	opened, err := e.open(ctx, connection)
	if err != nil {
		return err
	}
	defer e.close(ctx, opened)
	if diagnoser, ok := opened.connector.(connector.Diagnoser); ok {
		diagnoser.Diagnose(ctx, report)
	}
	return nil
}

// ConnectionKnowledge returns what is known of the target. It contacts nobody.
func (e *Engine) ConnectionKnowledge(ctx context.Context, connection job.Connection) (Knowledge, error) {
	stored, err := e.Store.GetKnowledge(ctx, targetKey(connection))
	if err != nil {
		return Knowledge{}, err
	}
	known := Knowledge{Knowledge: stored}
	if discovery, ok := decodeDiscovery(stored.Described.Body); ok {
		known.Discovery = &discovery
	}
	return known, nil
}

// ForgetConnection forgets what is known of the targets of a connection, whatever its endpoints were. The next cycles find it out
// anew.
func (e *Engine) ForgetConnection(ctx context.Context, connectionID string) (bool, error) {
	return e.Store.ForgetKnowledge(ctx, connectionID, nil)
}

// PlanRemarks are warnings for the plan of a job that depend on the target or on what it said: doubts about the mappings, and a
// connection test that failed. The target may be reachable only from where applies run, and nothing known in a plan depends
// on it. It is tested only when applying the plan would send something to it.
func (e *Engine) PlanRemarks(ctx context.Context, definition job.Definition, preview Preview) ([]string, error) {
	opened, err := e.open(ctx, definition.Connection)
	if err != nil {
		return nil, err
	}
	defer e.close(ctx, opened)
	var remarks []string
	if discovery, ok := decodeDiscovery(opened.known.Described.Body); ok {
		remarks = schemaRemarks(definition, discovery, opened.connector)
	}
	record, err := e.Store.GetJob(ctx, definition.ID)
	if err != nil && !errors.Is(err, directory.NotFound) {
		return nil, err
	}
	if definition.State == job.Paused || record.Digest == preview.Digest && !preview.writes() {
		return remarks, nil
	}
	ctx, cancel := context.WithTimeout(ctx, planTestLimit)
	defer cancel()
	for _, probe := range e.probes(definition.Mappings) {
		err := opened.connector.Test(ctx, probe)
		failure, told := errors.AsType[connector.TestFailure](err)
		if told && failure.Fault == connector.FaultCredentials && failure.Status == 0 && directory.KindOf(err) == directory.Invalid {
			// The secret is planned together with the job and reaches the engine when it is applied.
			return remarks, nil
		}
		if err != nil {
			return append(remarks, testRemark(definition.Connection.ID(), probe, err)), nil
		}
	}
	return remarks, nil
}

// writes reports whether a cycle would send anything but its connection test.
func (p Preview) writes() bool {
	return len(p.Affected) > 0 || p.Changes.Creates+p.Changes.Updates+p.Changes.MembershipsToAdd > 0
}

func testRemark(connectionID string, probe connector.Probe, err error) string {
	remark := fmt.Sprintf("the connection test of %s failed from where this plan runs: %v.", connectionID, err)
	if failure, ok := errors.AsType[connector.TestFailure](err); ok {
		remark += " " + failure.Advice
	}
	return remark + fmt.Sprintf(" Applying tests it again, and changes nothing when it fails (%s by %s).", probe.Type, probe.Attribute)
}

// testDetails are those of a failed connection test in the log (engine.md 21); nil when the connector knows no more than its error.
func testDetails(err error) map[string]string {
	failure, ok := errors.AsType[connector.TestFailure](err)
	if !ok {
		return nil
	}
	details := map[string]string{"resource": failure.Resource, "operation": failure.Operation, "fault": string(failure.Fault), "advice": failure.Advice}
	if failure.Status != 0 {
		details["status"], details["headers"], details["body"] = strconv.Itoa(failure.Status), strings.Join(failure.Headers, "\n"), failure.Body
	}
	return details
}

// schemaRemarks compares the mappings with what the target says about itself: one warning, or none.
func schemaRemarks(definition job.Definition, discovery connector.Discovery, c connector.Connector) []string {
	lines := schemaDoubts(definition.Mappings, discovery, c)
	if len(lines) == 0 {
		return nil
	}
	const most = 20
	shown := lines[:min(most, len(lines))]
	if more := len(lines) - most; more > 0 {
		shown = append(slices.Clone(shown), fmt.Sprintf("… and %d more", more))
	}
	return []string{fmt.Sprintf("the mappings do not fit what the target of %s says about itself (%d in all). The target has the last word: nothing is held back because of this.\n%s",
		definition.Connection.ID(), len(lines), strings.Join(shown, "\n"))}
}

// Doubts compares mappings with what a target says about itself, one line for each doubt, sorted by object type and target. It contacts
// nobody.
func (e *Engine) Doubts(ctx context.Context, connection job.Connection, mappings []job.Mapping, discovery connector.Discovery) ([]string, error) {
	opened, err := e.open(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer e.close(ctx, opened)
	return schemaDoubts(mappings, discovery, opened.connector), nil
}

func schemaDoubts(mappings []job.Mapping, discovery connector.Discovery, c connector.Connector) []string {
	attributes := make([]job.SchemaAttribute, len(discovery.Attributes))
	for i, a := range discovery.Attributes {
		attributes[i] = job.SchemaAttribute{ObjectType: a.ObjectType, Path: a.Path, Type: a.Type, MultiValued: a.MultiValued, Required: a.Required, Mutability: a.Mutability}
	}
	var lines []string
	for _, objectType := range directory.ObjectTypes() {
		for _, mapping := range mappings {
			if mapping.ObjectType != objectType || !mapping.Enabled {
				continue
			}
			writesBoolean := func(target string) bool {
				value, err := c.Canonical(objectType, target, directory.Text("true"))
				return err == nil && value.Kind() == directory.KindBoolean
			}
			for _, problem := range mapping.SchemaProblems(job.Schema{Attributes: attributes, WritesBoolean: writesBoolean}) {
				lines = append(lines, fmt.Sprintf("%s %s: %s", objectType, problem.Target, problem.Message))
			}
		}
	}
	return lines
}

package checkup_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/checkup"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	sourcememory "github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// clinic is an engine whose parts can be made ill.
type clinic struct {
	t          *testing.T
	path       string
	store      *sqlstore.Store
	source     *sourcememory.Source
	sourceErr  error
	target     *memory.Connector
	testErr    map[directory.ObjectType]error
	findings   []connector.Finding
	connection checkup.Connection
}

// the connection uses a token of version 3.
func newClinic(t *testing.T) *clinic {
	t.Helper()
	c := &clinic{t: t, path: filepath.Join(t.TempDir(), "store.db"), source: sourcememory.New(sourcememory.Options{}), target: memory.New(memory.Options{}), testErr: map[directory.ObjectType]error{},
		findings: []connector.Finding{{Probe: "dns", Outcome: connector.FindingPass, Detail: "found"}, {Probe: "http", Outcome: connector.FindingPass, Detail: "answered"}}}
	c.open("one")
	c.connection = checkup.Connection{Connection: job.Connection{AppKey: "wiki", Name: "scim", SCIM: &job.SCIMConnection{BaseURL: "https://wiki.example.com/scim", TokenVersion: 3}},
		Mappings: []job.Mapping{{AppKey: "wiki", ObjectType: directory.User, Enabled: true, Attributes: []job.AttributeMapping{{Target: "userName", Expression: "[mail]", MatchingPrecedence: 1}}}}}
	return c
}

// open opens the store with a key of this name.
func (c *clinic) open(key string) {
	c.t.Helper()
	if c.store != nil {
		_ = c.store.Close()
	}
	sealer, err := secret.LoadOrCreateKey(secret.KeyOptions{File: c.path + "." + key, Create: true})
	if err == nil {
		c.store, err = sqlstore.Open(c.t.Context(), sqlstore.Options{Path: c.path, Sealer: sealer, Now: func() time.Time { return noon }})
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = c.store.Close() })
}

func (c *clinic) storeSecret() {
	c.t.Helper()
	if err := c.store.PutSecret(c.t.Context(), c.connection.ID(), job.SecretVersion{Name: job.SecretBearerToken, Version: 3}, secret.New("x")); err != nil {
		c.t.Fatal(err)
	}
}

// ill is the clinic's target as the engine sees it.
type ill struct {
	*memory.Connector
	c *clinic
}

func (i ill) Test(_ context.Context, probe connector.Probe) error { return i.c.testErr[probe.Type] }

func (i ill) Diagnose(_ context.Context, report func(connector.Finding)) {
	for _, finding := range i.c.findings {
		report(finding)
	}
}

// examine looks at the subjects and returns "probe outcome" of one target, and its details by probe.
func (c *clinic) examine(target string, subjects checkup.Subjects) (outcomes []string, details map[string]string) {
	c.t.Helper()
	ids := 0
	e := &cycle.Engine{Store: c.store, Now: func() time.Time { return noon }, Logger: slog.New(slog.DiscardHandler), NewID: func() string { ids++; return fmt.Sprint("id-", ids) },
		OpenSource:    func(job.Source) (source.Source, error) { return c.source, c.sourceErr },
		OpenConnector: func(cycle.Opening) (connector.Connector, error) { return ill{c.target, c}, nil }}
	details = map[string]string{}
	checkup.Run(c.t.Context(), e, subjects, func(check checkup.Check) {
		if check.Target != target {
			return
		}
		outcomes = append(outcomes, check.Probe+" "+string(check.Outcome))
		details[check.Probe] = check.Detail
		if needs := check.Outcome == connector.FindingFail || check.Outcome == connector.FindingWarn; needs != (check.Advice != "") {
			c.t.Errorf("%+v: advice goes with what is not well, and with nothing else", check)
		}
	})
	return outcomes, details
}

func (c *clinic) want(target string, subjects checkup.Subjects, says map[string]string, want ...string) {
	c.t.Helper()
	got, details := c.examine(target, subjects)
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("%s (-want +got):\n%s\n%v", target, diff, details)
	}
	for probe, text := range says {
		if !strings.Contains(details[probe], text) {
			c.t.Errorf("%s says %q, want %q", probe, details[probe], text)
		}
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	subjects := checkup.Subjects{Connections: []checkup.Connection{c.connection}}
	c.want("store", subjects, nil, "write pass", "key skip")
	c.storeSecret()
	c.want("store", subjects, map[string]string{"key": "can be opened (1)"}, "write pass", "key pass")
	c.open("two")
	c.want("store", subjects, map[string]string{"key": "another key"}, "write pass", "key fail")
	if err := c.store.Close(); err != nil {
		t.Fatal(err)
	}
	if got, _ := c.examine("store", subjects); len(got) == 0 || got[0] != "write fail" {
		t.Errorf("a store that is closed: %v", got)
	}
}

func user(id string, attributes ...string) directory.Object {
	o := directory.Object{Type: directory.User, Anchor: directory.Anchor(id), Attributes: map[string]directory.Value{}}
	for i := 0; i < len(attributes); i += 2 {
		o.Attributes[attributes[i]] = directory.Text(attributes[i+1])
	}
	return o
}

func TestSource(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	subjects := checkup.Subjects{Sources: []job.Source{{Key: "people"}}}
	c.want("source people", subjects, map[string]string{"read": "users: 0, groups: 0", "age": "has not read it yet"}, "read warn", "duplicates skip", "age pass")
	c.source.Put(user("a", "mail", "ann@example.com", "employeeId", "1"), user("b", "mail", "bob@example.com"), directory.Object{Type: directory.Group, Anchor: "g"})
	c.want("source people", subjects, map[string]string{"read": "users: 2, groups: 1"}, "read pass", "duplicates pass", "age pass")
	c.source.Put(user("c", "mail", "ANN@example.com"), user("d", "mail", "ann@example.com", "employeeId", "1"))
	c.want("source people", subjects, map[string]string{"duplicates": "the same value of mail: 1 values, employeeId: 1 values"}, "read pass", "duplicates warn", "age pass")
	c.sourceErr = directory.Errorf(directory.Invalid, "line 3: no id")
	c.want("source people", subjects, map[string]string{"read": "line 3: no id"}, "read fail", "duplicates skip", "age pass")
}

func TestConnection(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	subjects := checkup.Subjects{Connections: []checkup.Connection{c.connection}}
	const it = "connection wiki/scim"
	skipped := []string{"credentials skip", "test users skip", "test groups skip", "discovery skip", "mappings skip"}
	c.want(it, subjects, map[string]string{"secret": "version 3 of", "http": "secret failed", "credentials": "secret failed"}, append([]string{"secret fail", "dns pass", "http skip"}, skipped...)...)
	c.storeSecret()
	c.want(it, subjects, map[string]string{"test users": "by a random userName", "test groups": "no groups are mapped", "mappings": "publishes no schema"},
		"secret pass", "dns pass", "http pass", "credentials pass", "test users pass", "test groups skip", "discovery pass", "mappings skip")

	c.findings = []connector.Finding{{Probe: "dns", Outcome: connector.FindingFail, Detail: "no such host", Advice: "x"}, {Probe: "http", Outcome: connector.FindingSkip, Detail: "dns failed"}}
	c.want(it, subjects, map[string]string{"credentials": "dns failed"}, append([]string{"secret pass", "dns fail", "http skip"}, skipped...)...)
	c.findings = nil
	refuse := func(fault connector.TestFault) {
		c.testErr[directory.User] = connector.TestFailure{Fault: fault, Status: 400, Body: "the body", Advice: "Do.", Err: directory.Errorf(directory.Incompatible, "refused")}
	}
	end := []string{"test users fail", "test groups skip", "discovery skip", "mappings skip"}
	refuse(connector.FaultCredentials)
	c.want(it, subjects, map[string]string{"credentials": "refused"}, append([]string{"secret pass", "credentials fail"}, end...)...)
	refuse(connector.FaultNotSearchable)
	c.want(it, subjects, nil, append([]string{"secret pass", "credentials pass"}, end...)...)
	refuse(connector.FaultProtocol)
	c.want(it, subjects, map[string]string{"test users": "it said: the body"}, append([]string{"secret pass", "credentials skip"}, end...)...)

	c.testErr = map[directory.ObjectType]error{}
	c.target = memory.New(memory.Options{Discovery: connector.Discovery{Problems: []string{"no types"}, Features: &connector.Features{Patch: true, ETag: true},
		Attributes: []connector.TargetAttribute{{ObjectType: directory.User, Path: "name", Type: "string"}}}})
	c.want(it, subjects, map[string]string{"discovery": "1 attributes; the target announces patch, etag. no types", "mappings": "user userName: the target's schema has no such attribute"},
		"secret pass", "credentials pass", "test users pass", "test groups skip", "discovery warn", "mappings warn")
}

func TestJob(t *testing.T) {
	t.Parallel()
	const it = "job wiki/main"
	ended := func(age time.Duration, failure string) *store.Cycle {
		return &store.Cycle{ID: "c", StartedAt: noon.Add(-age), EndedAt: noon.Add(-age), Phase: store.PhaseDone, Failure: failure}
	}
	key := store.LinkKey{Type: directory.User, Source: "a"}
	for name, test := range map[string]struct {
		state job.DesiredState
		batch store.Batch
		says  map[string]string
		want  []string
	}{
		"never ran": {state: job.Started, want: []string{"status warn", "last cycle skip", "staged pass", "escrow pass"}},
		"is well": {state: job.Started, batch: store.Batch{Cycle: ended(3*time.Hour, ""), Watermark: &store.Watermark{}}, says: map[string]string{"last cycle": "3 hours ago"},
			want: []string{"status pass", "last cycle pass", "staged pass", "escrow pass"}},
		"paused and old": {state: job.Paused, batch: store.Batch{Cycle: ended(9*24*time.Hour, ""), Watermark: &store.Watermark{}}, says: map[string]string{"last cycle": "9 days ago"},
			want: []string{"status warn", "last cycle warn", "staged pass", "escrow pass"}},
		"failed": {state: job.Started, batch: store.Batch{Cycle: ended(time.Minute, "the target is down"), Watermark: &store.Watermark{}}, says: map[string]string{"last cycle": "the target is down"},
			want: []string{"status pass", "last cycle fail", "staged pass", "escrow pass"}},
		"quarantined, with leftovers": {state: job.Started, batch: store.Batch{
			Quarantine: &engine.Quarantine{Reason: "TooManyDeletes", SeriesBegan: noon, CurrentBegan: noon, NextAttempt: noon}, Cycle: ended(time.Minute, ""), Watermark: &store.Watermark{},
			PutStaged: []store.Staged{{LinkKey: key, Action: "disable", Held: true, Since: noon}}, PutEscrow: []store.Escrow{{LinkKey: key, FirstFailure: noon, NextAttempt: noon}},
		}, says: map[string]string{"status": "TooManyDeletes", "staged": "1 of them held", "escrow": "1 objects"}, want: []string{"status fail", "last cycle pass", "staged warn", "escrow warn"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			_, err := c.store.CommitJob(t.Context(), job.Definition{ID: "wiki/main", State: test.state, Connection: c.connection.Connection, OnDestroy: job.DestroyKeep}, 0, false, noon)
			if err != nil {
				t.Fatal(err)
			}
			fence, err := c.store.Lease(t.Context(), "wiki/main", "test", noon, time.Minute)
			if err == nil {
				err = c.store.Record(t.Context(), "wiki/main", fence, test.batch)
			}
			if err != nil {
				t.Fatal(err)
			}
			record, err := c.store.GetJob(t.Context(), "wiki/main")
			if err != nil {
				t.Fatal(err)
			}
			c.want(it, checkup.Subjects{Jobs: []store.JobRecord{record}}, test.says, test.want...)
		})
	}
}

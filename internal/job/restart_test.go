package job_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// TestResetOf is the table of engine.md 20.
func TestResetOf(t *testing.T) {
	t.Parallel()
	usual := job.Reset{Quarantine: true, Watermark: true, Escrows: true}
	for _, test := range []struct {
		name   string
		scopes []string
		want   job.Reset
	}{
		{"empty", nil, usual},
		{"None", []string{"None"}, job.Reset{Start: true, Quarantine: true}},
		{"Watermark", []string{"Watermark"}, job.Reset{Watermark: true}},
		{"Escrows", []string{"Escrows"}, job.Reset{Escrows: true}},
		{"QuarantineState", []string{"QuarantineState"}, job.Reset{Quarantine: true}},
		{"ConnectorDataStore", []string{"ConnectorDataStore"}, job.Reset{Links: true, Watermark: true}},
		{"Full", []string{"Full"}, job.Reset{Quarantine: true, Watermark: true, Escrows: true, Links: true}},
		{"ForceDeletes", []string{"ForceDeletes"}, job.Reset{ForceDeletes: true}},
		{"the default, spelled out", []string{"QuarantineState", "Watermark", "Escrows"}, usual},
		{"a combination", []string{"Escrows", "ForceDeletes"}, job.Reset{Escrows: true, ForceDeletes: true}},
		{"None adds nothing but the start", []string{"None", "Watermark"}, job.Reset{Start: true, Quarantine: true, Watermark: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := job.ResetOf(test.scopes)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	for _, scopes := range [][]string{{""}, {"full"}, {"Watermark", "Watermarks"}, {"Full", "ForceDeletes"}, {"ConnectorDataStore", "ForceDeletes"}} {
		if got, err := job.ResetOf(scopes); !errors.Is(err, directory.Invalid) || got != (job.Reset{}) {
			t.Errorf("%q: %+v, %v", scopes, got, err)
		}
	}
}

func TestRestartAfter(t *testing.T) {
	t.Parallel()
	watermark := job.Reset{Watermark: true}
	ask := func(trigger string, scopes ...string) *job.Restart {
		return &job.Restart{Scope: scopes, Triggers: map[string]string{"reason": trigger}}
	}
	acknowledged := ask("1", "Watermark")
	acknowledged.AcknowledgeOrphans = true
	for _, test := range []struct {
		name          string
		before, after *job.Restart
		want          job.Reset
	}{
		{"never asked", nil, nil, job.Reset{}},
		{"asked", nil, ask("1", "Watermark"), watermark},
		{"asked already", ask("1", "Watermark"), ask("1", "Watermark"), job.Reset{}},
		{"another trigger", ask("1", "Watermark"), ask("2", "Watermark"), watermark},
		{"another scope", ask("1", "Escrows"), ask("1", "Watermark"), watermark},
		{"acknowledged", ask("1", "Watermark"), acknowledged, job.Reset{}},
		{"taken away", ask("1", "Watermark"), nil, job.Reset{}},
		{"triggers taken away", ask("1"), &job.Restart{}, job.Reset{Quarantine: true, Watermark: true, Escrows: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := job.Definition{Restart: test.after}.RestartAfter(job.Definition{Restart: test.before})
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

package engine_test

import (
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

func TestRulingStill(t *testing.T) {
	t.Parallel()
	about := engine.Departure{Action: engine.Disable, Event: engine.Unassigned, Reason: "no longer assigned"}
	because := func(event engine.Event, reason string) engine.Departure {
		return engine.Departure{Action: engine.Disable, Event: event, Reason: reason}
	}
	deleted := engine.Departure{Action: engine.Delete, Event: engine.HardDeleted, Reason: "deleted in the source"}
	const before, after = -time.Millisecond, time.Duration(0)
	tests := []struct {
		name   string
		ruling engine.Ruling
		now    engine.Departure
		at     time.Duration // from the end of the approval
		want   engine.Ruling
	}{
		{"undecided", engine.Undecided, about, before, engine.Undecided},
		{"approved", engine.Approved, about, before, engine.Approved},
		{"approved, and it expired", engine.Approved, about, after, engine.Undecided},
		{"approved, for another reason", engine.Approved, because(engine.Disabled, "disabled in the source"), before, engine.Approved},
		{"approved a disable, now a delete", engine.Approved, deleted, before, engine.Undecided},
		{"rejected", engine.Rejected, about, before, engine.Rejected},
		{"rejections do not expire", engine.Rejected, about, after, engine.Rejected},
		{"rejected, for another event", engine.Rejected, because(engine.Disabled, "no longer assigned"), before, engine.Undecided},
		{"rejected, for another reason", engine.Rejected, because(engine.Unassigned, "another filter"), before, engine.Undecided},
		{"rejected a disable, now a delete", engine.Rejected, deleted, before, engine.Undecided},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.ruling.Still(about, test.now, t0, t0.Add(test.at)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

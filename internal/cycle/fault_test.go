package cycle_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// passing are the faults after which everything must come right without help: whatever the target said once, what it does
// later is believed.
func passing() []faulty.Fault {
	return []faulty.Fault{
		faulty.FailBefore, faulty.AnswerLost, faulty.Throttled, faulty.ServerError, faulty.Reset, faulty.Timeout, faulty.Malformed,
		faulty.Conflicting, faulty.Unauthorised,
	}
}

func methods() []faulty.Method {
	return []faulty.Method{faulty.Test, faulty.Find, faulty.Create, faulty.Update, faulty.Delete, faulty.AddMembers, faulty.RemoveMembers}
}

// TestOneFaultAnywhere injects one fault into every single call of the story, one after the other. After at most two more
// commits without faults the target must be what the stage says, and the next stage must come out right too. A commit
// with a fault tells of it.
func TestOneFaultAnywhere(t *testing.T) {
	t.Parallel()
	all := moments(t)
	for _, fault := range passing() {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			disturb(t, all, fault, repaired)
		})
	}
}

// TestOneFaultAndOvertaken does not repair: the directory moves on after the faulty commit.
func TestOneFaultAndOvertaken(t *testing.T) {
	t.Parallel()
	all := moments(t)
	for _, fault := range []faulty.Fault{faulty.AnswerLost, faulty.Timeout, faulty.Throttled, faulty.Unauthorised} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			disturb(t, all, fault, overtaken)
		})
	}
}

// disturb lives with one fault for every call of every method in every stage.
func disturb(t *testing.T, all []moment, fault faulty.Fault, live func(*testing.T, []moment, int, faulty.Rule) bool) {
	t.Helper()
	tried := map[faulty.Method]int{}
	total := 0
	for _, method := range methods() {
		for i := range all {
			for n := 1; live(t, all, i, faulty.Rule{Fault: fault, Method: method, N: n, Times: 1}); n += int(stride()) {
				tried[method]++
				total++
			}
		}
		if tried[method] == 0 {
			t.Errorf("no %s was ever disturbed", method)
		}
	}
	t.Logf("%d calls disturbed: %v", total, tried)
}

// hurt begins a stage in a world in which one call goes wrong. It reports whether there was such a call.
func hurt(t *testing.T, all []moment, first int, rule faulty.Rule) (w *world, report cycle.Report, happened bool, err error) {
	t.Helper()
	w = at(t, all, first)
	var reached atomic.Bool
	w.connector = faulty.Wrap(w.target, faulty.Options{Rules: []faulty.Rule{rule}, OnCall: func(call faulty.Call) {
		if call.Method == rule.Method && call.N == rule.N {
			reached.Store(true)
		}
	}})
	s := story()[first]
	s.change(w)
	report, err = w.tryCommit(t.Context(), s.definition, nil)
	return w, report, reached.Load(), err
}

func repaired(t *testing.T, all []moment, first int, rule faulty.Rule) bool {
	t.Helper()
	w, report, happened, err := hurt(t, all, first, rule)
	if !happened {
		return false
	}
	where := fmt.Sprintf("%s of %s %d in stage %d", rule.Fault, rule.Method, rule.N, first)
	unanswered := []faulty.Fault{faulty.AnswerLost, faulty.ServerError, faulty.Reset, faulty.Timeout, faulty.Malformed}
	switch recovers := rule.Method == faulty.Create && slices.Contains(unanswered, rule.Fault); {
	case recovers && (err != nil || report.FailureCount > 0):
		t.Fatalf("%s: a create without an answer is looked for and, if need be, repeated, but: %v, %+v", where, err, report.Failures)
	case !recovers && err == nil && report.FailureCount == 0:
		t.Fatalf("%s: nobody was told", where)
	case rule.Fault == faulty.Unauthorised && !errors.Is(err, directory.Unauthorised):
		t.Fatalf("%s: the commit went on: %v", where, err)
	case report.FailureCount > 0 && (report.Failures[0].Code == "" || report.Failures[0].Name == "" || report.Failures[0].Message == ""):
		t.Fatalf("%s: a failure without code, name or message: %+v", where, report.Failures)
	}
	stages := story()
	for i := first; i <= min(first+1, len(stages)-1); i++ {
		if i > first {
			stages[i].change(w)
			report, err = w.tryCommit(t.Context(), stages[i].definition, nil)
		}
		for repair := 0; repair < 2 && (err != nil || report.FailureCount > 0); repair++ {
			report, err = w.tryCommit(t.Context(), stages[i].definition, nil)
		}
		if err != nil || report.FailureCount > 0 {
			t.Fatalf("%s, stage %d: %v, failures %+v", where, i, err, report.Failures)
		}
		if diff := w.is(stages[i].want); diff != "" {
			t.Fatalf("%s, stage %d (-want +got):\n%s", where, i, diff)
		}
	}
	return true
}

func overtaken(t *testing.T, all []moment, first int, rule faulty.Rule) bool {
	t.Helper()
	stages := story()
	if first == len(stages)-1 {
		return false
	}
	w, report, happened, err := hurt(t, all, first, rule)
	if !happened {
		return false
	}
	for _, s := range stages[first+1:] {
		s.change(w)
		report, err = w.tryCommit(t.Context(), s.definition, nil)
	}
	last := stages[len(stages)-1]
	for repair := 0; repair < 2 && (err != nil || report.FailureCount > 0); repair++ {
		report, err = w.tryCommit(t.Context(), last.definition, nil)
	}
	if diff := w.is(last.want); diff != "" || err != nil || report.FailureCount > 0 {
		t.Errorf("%s of %s %d in stage %d: %v, failures %+v (-want +got):\n%s", rule.Fault, rule.Method, rule.N, first, err, report.Failures, diff)
	}
	return true
}

// TestWrongID: a target that answers with the id of somebody else cannot be caught by an engine that believes ids. Nobody
// gets two accounts by it and no stranger is touched; how many stages come out right all the same is logged.
func TestWrongID(t *testing.T) {
	t.Parallel()
	all := moments(t)
	stages := story()
	right, wrong := 0, 0
	for _, method := range []faulty.Method{faulty.Find, faulty.Create, faulty.Update} {
		for first := range all {
			for n := 1; ; n++ {
				w, report, happened, err := hurt(t, all, first, faulty.Rule{Fault: faulty.WrongID, Method: method, N: n, Times: 1})
				if !happened {
					break
				}
				for repair := 0; repair < 2 && (err != nil || report.FailureCount > 0); repair++ {
					report, err = w.tryCommit(t.Context(), stages[first].definition, nil)
				}
				names := map[string]int{}
				for _, entry := range w.target.State() {
					names[strings.ToLower(entry.Attributes["userName"].String()+entry.Attributes["displayName"].String())]++
				}
				for name, count := range names {
					if count > 1 {
						t.Errorf("%s %d in stage %d: %d accounts of %s", method, n, first, count, name)
					}
				}
				if !strings.Contains(w.accounts(), stranger) {
					t.Errorf("%s %d in stage %d: the stranger was touched", method, n, first)
				}
				if w.is(stages[first].want) == "" {
					right++
					continue
				}
				wrong++
				if err == nil && report.FailureCount == 0 {
					t.Errorf("%s %d in stage %d: wrong, and nobody was told:\n%s", method, n, first, w.is(stages[first].want))
				}
			}
		}
	}
	t.Logf("%d came out right, %d are reported as failures", right, wrong)
}

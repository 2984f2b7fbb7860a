package cycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const day = 24 * time.Hour

// wireFaults are the faults of single requests, with what may be left to be tried again after them: nothing, where the
// connector or the next cycle can find out by itself.
func wireFaults() []wireFault {
	return []wireFault{
		answerLost, brokenGateway, throttled, throttledDate, throttledLong, serverError, unavailable, unavailableDate, reset, silence,
		lateSilence, truncated, malformed, loginPage, htmlAfter, unknownID, neighboursID, strangersID,
	}
}

// TestOneFaultOnTheWire injects one fault into every single HTTP request of the story, one after the other, and one that
// lasts for ten requests. Whoever goes on must bring the wiki to the state that the story says.
func TestOneFaultOnTheWire(t *testing.T) {
	t.Parallel()
	all := wireMoments(t)
	lasting := []int{1, 10}
	if !everything() {
		lasting = lasting[1:]
	}
	for _, times := range lasting {
		for _, fault := range wireFaults() {
			t.Run(fmt.Sprintf("%s, %d times", fault, times), func(t *testing.T) {
				t.Parallel()
				wireSchedule(t, all, fault, times)
			})
		}
	}
}

// wireSchedule disturbs one request after the other and tells how it ended.
func wireSchedule(t *testing.T, all []wireMoment, fault wireFault, times int) {
	t.Helper()
	cuts, converged, escrowed, rounds, most := 0, 0, 0, 0, 0
	for stage := range all {
		for at := 1; ; at += int(stride()) {
			l := wireLife{stage: stage, fault: fault, at: at, times: times, unattended: (at+stage)%2 == 0, concurrency: 1}
			fate := l.live(t, all)
			if !fate.struck {
				break
			}
			cuts++
			rounds, most = max(rounds, fate.rounds), max(most, fate.requests)
			if fate.converged {
				converged++
			}
			if len(fate.escrowed) > 0 {
				escrowed++
				t.Logf("%s: left %s", l, strings.Join(slices.Compact(fate.escrowed), ", "))
			}
			if len(fate.problems) > 0 {
				t.Errorf("%s:\n%s", l, strings.Join(fate.problems, "\n"))
			}
		}
	}
	t.Logf("faults: %-36s × %2d | %3d cuts | %3d converged | %3d escrowed | at most %d more cycles, %d requests", fault, times, cuts, converged, escrowed, rounds, most)
	if cuts < len(all) {
		t.Errorf("only %d cuts", cuts)
	}
}

// TestOneFaultInAListOnTheWire disturbs every page of the list by which many people are matched at once.
func TestOneFaultInAListOnTheWire(t *testing.T) {
	t.Parallel()
	for _, fault := range append(wireFaults()[:16:16], pageRepeated, listShrinks, listEnds, listMoves) {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			cuts, converged, taken, most := 0, 0, 0, 0
			step := 1
			if !everything() {
				step = 3
			}
			for at := 1; ; at += step {
				fate := wireList(t, fault, at)
				if !fate.struck {
					break
				}
				cuts, taken, most = cuts+1, taken+fate.taken, max(most, fate.requests)
				if fate.converged {
					converged++
				}
				if len(fate.problems) > 0 {
					t.Errorf("%s of page %d:\n%s", fault, at, strings.Join(fate.problems, "\n"))
				}
			}
			t.Logf("lists: %-36s | %2d cuts | %2d converged | %2d creates refused as duplicates | at most %d requests", fault, cuts, converged, taken, most)
			if cuts < 4/step {
				t.Errorf("only %d cuts", cuts)
			}
		})
	}
}

// wireList matches 26 people of whom 18 have an account, from a wiki that is listed in pages of 4.
func wireList(t *testing.T, fault wireFault, at int) (fate wireFate) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, wiki := newWorld(t), newWire(t)
		wiki.victim = wiki.post("first@example.com", "Kitchen")
		want := []string{"first@example.com active=True department=Kitchen", "zed@example.com active=True department=Kitchen"}
		for i := range 26 {
			id := fmt.Sprintf("p%02d", i)
			if i < 18 {
				wiki.post(id+"@example.com", "Old")
			}
			w.source.Put(person(id, "Sales"))
			want = append(want, id+"@example.com active=True department=Sales")
		}
		wiki.strange = wiki.post("zed@example.com", "Kitchen")
		stage := wireStage{}
		if fault == listMoves {
			want, stage.gone = want[1:], []string{"first@example.com"}
		}
		wiki.watch = fate.watcher(wiki, stage)
		wiki.fault, wiki.at, wiki.times, wiki.lists = fault, at, 1, true
		wiki.connect(w, 1)
		d := wireDefinition()
		d.Mappings = d.Mappings[1:] // people only
		report, err := w.tryCommit(t.Context(), d, nil)
		fate.struck, wiki.fault = wiki.struck > 0, ""
		for ; fate.rounds < wireRounds && (err != nil || report.FailureCount > 0); fate.rounds++ {
			time.Sleep(day)
			report, err = w.tryCommit(t.Context(), d, nil)
		}
		fate.requests, fate.taken = wiki.requests, wiki.taken
		if fate.converged = wiki.wiki() == lines(want); !fate.converged || err != nil {
			fate.problem("%v, want:\n%s\ngot:\n%s", err, lines(want), wiki.wiki())
		}
		// Whoever is left out of a list that says it is complete cannot be known; everybody else must be.
		if blind := fault == listShrinks || fault == listMoves; wiki.taken > 0 && !blind || wiki.requests > wireBudget {
			fate.problem("%d accounts created a second time, %d requests", wiki.taken, wiki.requests)
		}
	})
	return fate
}

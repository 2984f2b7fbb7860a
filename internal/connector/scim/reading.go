package scim

import (
	"sync"

	"golang.org/x/sync/singleflight"
)

// reading is what a connector remembers of how its target answers lists and searches, besides what it has learned. It is safe
// for concurrent use.
type reading struct {
	// proofs lets one caller find out whether a search can be relied on, by its subject, while the others wait for the outcome.
	proofs singleflight.Group

	mu sync.Mutex
	// fromOne holds the endpoints whose lists are known to begin at startIndex=1.
	fromOne map[string]bool
	// unproven counts, by subject, how often nobody was there to try a search on.
	unproven map[subject]int
	// broken holds, by endpoint, why its list cannot be relied on, once that was found twice.
	broken map[string]brokenList
}

// brokenList is a list that cannot be relied on.
type brokenList struct {
	times int
	why   error
}

// maxBroken is how often a list is found unreliable before it is no longer read.
const maxBroken = 2

func newReading() *reading {
	return &reading{fromOne: map[string]bool{}, unproven: map[subject]int{}, broken: map[string]brokenList{}}
}

func (r *reading) countsFromOne(at endpoint) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fromOne[at.path]
}

func (r *reading) learnFromOne(at endpoint) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fromOne[at.path] = true
}

func (r *reading) tried(s subject) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unproven[s]
}

// note counts a proof that failed for want of somebody.
func (r *reading) note(s subject) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unproven[s]++
}

// giveUp ends the proofs about a subject.
func (r *reading) giveUp(s subject) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unproven[s] = maxProofs
}

// brokenList returns why a list is not worth reading again, nil when it is.
func (r *reading) brokenList(at endpoint) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if list := r.broken[at.path]; list.times >= maxBroken {
		return list.why
	}
	return nil
}

func (r *reading) noteBroken(at endpoint, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken[at.path] = brokenList{times: r.broken[at.path].times + 1, why: why}
}

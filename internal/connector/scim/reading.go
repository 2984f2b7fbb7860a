package scim

import "sync"

// reading is what a connector remembers of how its target answers lists and searches. It is safe for concurrent use.
type reading struct {
	mu sync.Mutex
	// fromOne holds the endpoints whose lists are known to begin at startIndex=1.
	fromOne map[string]bool
}

func newReading() *reading { return &reading{fromOne: map[string]bool{}} }

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

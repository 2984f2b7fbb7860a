package store

import (
	"context"
	"time"
)

// ConnectionKey names what is known of a target: a connection and the endpoint it had then. Another endpoint is another target, of
// which nothing is known.
type ConnectionKey struct {
	ConnectionID string
	Endpoint     string
}

// Learned is what a connector found out about its target while it worked.
type Learned struct {
	// Document is what the next connector is built with; empty when nothing was learned.
	Document []byte
	// Facts say the same to people, sorted by name.
	Facts []LearnedFact
	At    time.Time
}

// LearnedFact is one thing that was found out.
type LearnedFact struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

// Described is what a target says about itself. Body is versioned JSON of the caller, empty when the target was never asked.
type Described struct {
	Body []byte
	At   time.Time
}

// Knowledge is everything that is known of a target.
type Knowledge struct {
	ConnectionKey
	Learned   Learned
	Described Described
}

// Connections keeps what is known of the targets behind connections. Nothing of it is a secret or anybody's data, and all of it can
// be found out again.
type Connections interface {
	// PutLearned stores what was learned, in place of what was known; the last of several writers wins.
	PutLearned(ctx context.Context, key ConnectionKey, learned Learned) error
	// PutDescribed stores what a target says about itself, in place of what it said before.
	PutDescribed(ctx context.Context, key ConnectionKey, described Described) error
	// GetKnowledge returns what is known under a key; besides the key, nothing when there is nothing.
	GetKnowledge(ctx context.Context, key ConnectionKey) (Knowledge, error)
	// ForgetKnowledge forgets what is known of a connection, except under the endpoints in keep, and says whether there was
	// anything.
	ForgetKnowledge(ctx context.Context, connectionID string, keep []string) (bool, error)
}

package store

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TargetAccount is an account read by listing the target, kept for matching while a cycle runs.
type TargetAccount struct {
	Type   directory.ObjectType
	Anchor directory.Anchor
	// MatchKeys are the values by which the account is found, in the form they are compared in, by matching attribute. Attributes
	// that are matched together count as one.
	MatchKeys map[string][]string
	// Attributes by target attribute, in canonical form.
	Attributes map[string]directory.Value
}

// Targets keeps the prefetched matching index of a running cycle, so that it never has to fit in memory (design.md 6).
type Targets interface {
	// PutTargets adds or replaces accounts in the index of a job. Conflict when fence is no longer the job's (Record).
	PutTargets(ctx context.Context, jobID string, fence int64, accounts []TargetAccount) error
	// TargetsByMatchKey returns accounts by match key of one attribute; each list sorted by anchor.
	TargetsByMatchKey(ctx context.Context, jobID string, objectType directory.ObjectType, attribute string, keys []string) (map[string][]TargetAccount, error)
	// ClearTargets empties the index of one object type of a job. Conflict when fence is no longer the job's: a process that
	// lost its lease must not empty its successor's index.
	ClearTargets(ctx context.Context, jobID string, fence int64, objectType directory.ObjectType) error
}

// Package planwalk remembers what one Terraform walk has planned so far, so that the job's plan can see the drafts
// that are about to be written (plan-preview-mechanics.md 5.2).
//
// Every Configure builds a fresh Walk; nothing here outlives it and nothing is package-level, because the test
// harness and a debugger run several walks in one process (plan-preview-mechanics.md P7).
//
// It is not a cache of the engine and decides nothing.
package planwalk

import (
	"context"
	"sync"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
)

// Engine is the generated client of an engine, embedded or remote. Nothing that uses it may know which.
type Engine struct {
	Drafts      provisioningv1connect.DraftServiceClient
	Jobs        provisioningv1connect.JobServiceClient
	Operations  provisioningv1connect.OperationServiceClient
	Connections provisioningv1connect.ConnectionServiceClient
}

// Opener starts or reaches the engine. It is called at most once per walk, on first use.
type Opener func(ctx context.Context) (Engine, error)

// Walk is one pass of Terraform over its graph. It is safe for concurrent use.
type Walk struct {
	open func(ctx context.Context) (Engine, error)

	mu      sync.Mutex
	planned map[key]*provisioningv1.Draft
}

type key struct {
	kind provisioningv1.DraftKind
	id   string
}

// New returns a walk that reaches its engine through open. A nil open means that the provider's own
// configuration is not known yet: Configured is false.
func New(open Opener) *Walk {
	w := &Walk{planned: map[key]*provisioningv1.Draft{}}
	if open == nil {
		return w
	}
	var once sync.Mutex
	var engine *Engine
	w.open = func(ctx context.Context) (Engine, error) {
		once.Lock()
		defer once.Unlock()
		if engine != nil {
			return *engine, nil
		}
		opened, err := open(ctx)
		if err != nil {
			return Engine{}, err // the next use tries again
		}
		engine = &opened
		return opened, nil
	}
	return w
}

// Configured reports whether there is an engine to talk to in this walk.
func (w *Walk) Configured() bool { return w.open != nil }

// Engine returns the engine, starting it on first use. It must not be called when Configured is false.
func (w *Walk) Engine(ctx context.Context) (Engine, error) { return w.open(ctx) }

// Plan records the planned content of a draft. A nil draft says that its content is not known yet.
func (w *Walk) Plan(kind provisioningv1.DraftKind, id string, draft *provisioningv1.Draft) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.planned[key{kind, id}] = draft
}

// Planned returns what this walk planned for a draft: seen is false when nothing was planned; a nil draft that was
// seen is not known yet.
func (w *Walk) Planned(kind provisioningv1.DraftKind, id string) (draft *provisioningv1.Draft, seen bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	draft, seen = w.planned[key{kind, id}]
	return draft, seen
}

package main

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// engines holds the embedded engines of this process: one for each store, because under a debugger several walks
// run in one process and share their store (plan-preview-mechanics.md P7).
type engines struct {
	logger    *slog.Logger
	userAgent string

	mu     sync.Mutex
	opened map[provider.Embedded]*wiring.Engine
}

// open returns the engine of a store, starting it on first use.
func (e *engines) open(ctx context.Context, where provider.Embedded) (planwalk.Engine, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if engine, ok := e.opened[where]; ok {
		return engine.Client(), nil
	}
	engine, err := wiring.Embedded(ctx, wiring.Options{
		Store: where.Store, KeyFile: where.KeyFile, UserAgent: e.userAgent, Logger: e.logger,
	})
	if err != nil {
		return planwalk.Engine{}, err
	}
	if e.opened == nil {
		e.opened = map[provider.Embedded]*wiring.Engine{}
	}
	e.opened[where] = engine
	return engine.Client(), nil
}

// close closes every engine.
func (e *engines) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for where, engine := range e.opened {
		if err := engine.Close(); err != nil {
			e.logger.Error("cannot close the store", "store", where.Store, "error", err)
		}
	}
	e.opened = nil
}

// logHandler writes records as Terraform's log reader expects them (go-hclog's JSON form), so that TF_LOG shows them
// with their level. Terraform stamps each line with the time itself.
func logHandler(to io.Writer) slog.Handler {
	return slog.NewJSONHandler(to, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, attribute slog.Attr) slog.Attr {
			if len(groups) > 0 {
				return attribute
			}
			level, isLevel := attribute.Value.Any().(slog.Level)
			switch {
			case attribute.Key == slog.TimeKey && attribute.Value.Kind() == slog.KindTime:
				return slog.Attr{}
			case attribute.Key == slog.LevelKey && isLevel:
				return slog.String("@level", strings.ToLower(level.String()))
			case attribute.Key == slog.MessageKey:
				attribute.Key = "@message"
			}
			return attribute
		},
	})
}

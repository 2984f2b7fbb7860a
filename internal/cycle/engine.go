package cycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Engine previews, commits, runs and retires jobs. Its fields are set once, before first use.
type Engine struct {
	Store store.Store
	// OpenSource and OpenConnector build the implementation a configuration names. They contact nobody.
	OpenSource    func(job.Source) (source.Source, error)
	OpenConnector func(Opening) (connector.Connector, error)
	Now           func() time.Time
	NewID         func() string
	// Random is the source of values that mappings generate, for example initial passwords; it must be cryptographic. Nil:
	// such mappings fail.
	Random io.Reader
	Logger *slog.Logger
	// PageSize is how many objects a cycle handles, writes and records together; 0 means 500. A cycle that was cut off
	// may be resumed with another one.
	PageSize int
}

// The sizes of the pieces work is cut into.
const (
	// defaultPageSize bounds the objects handled, written and recorded together.
	defaultPageSize = 500
	// previewPageSize is larger: nothing is written.
	previewPageSize = 1000
	// previewKeep is how long a stored preview can be applied (plan-preview-mechanics.md 5.1).
	previewKeep = 72 * time.Hour
)

func (e *Engine) pageSize() int {
	if e.PageSize > 0 {
		return e.PageSize
	}
	return defaultPageSize
}

// Import brings the engine's copy of a source up to date and returns its name and state. Nothing of a source that
// cannot be read whole is used.
func (e *Engine) Import(ctx context.Context, definition job.Source) (copyID string, state store.CopyState, err error) {
	copyID = definition.CopyID()
	opened, err := e.OpenSource(definition)
	if err != nil {
		return copyID, state, err
	}
	state, err = e.Store.CopyState(ctx, copyID)
	if err != nil {
		return copyID, state, err
	}
	since := source.Watermark(state.Watermark)
	state, err = e.importSince(ctx, copyID, opened, since)
	if errors.Is(err, source.ErrWatermarkExpired) && since != "" {
		state, err = e.importSince(ctx, copyID, opened, "")
	}
	if err != nil {
		return copyID, state, fmt.Errorf("read source %q: %w", definition.Key, err)
	}
	return copyID, state, nil
}

func (e *Engine) importSince(ctx context.Context, copyID string, opened source.Source, since source.Watermark) (store.CopyState, error) {
	return e.Store.Import(ctx, copyID, e.Now(), func(importer store.Importer) (store.ImportResult, error) {
		result, err := opened.Changes(ctx, since, func(changes []source.Change) error {
			put := make([]store.ObjectChange, len(changes))
			for i, change := range changes {
				put[i] = store.ObjectChange(change)
			}
			return importer.Put(ctx, put)
		})
		return store.ImportResult{Watermark: string(result.Watermark), Complete: result.Complete}, err
	})
}

// prepared is a definition made ready to be evaluated against its copy of the source.
type prepared struct {
	target
	program  *engine.Program
	copyID   string
	position int64
}

// prepare validates and compiles a definition, brings its copy of the source up to date, and checks that the source
// has the attributes the definition names.
func (e *Engine) prepare(ctx context.Context, definition job.Definition, importSource bool) (prepared, error) {
	if err := definition.Validate(); err != nil {
		return prepared{}, err
	}
	opened, err := e.open(ctx, definition.Connection)
	if err != nil {
		return prepared{}, err
	}
	program, err := engine.Compile(definition, traits(opened.connector))
	if err != nil {
		return prepared{}, err
	}
	p := prepared{target: opened, program: program, copyID: definition.Source.CopyID()}
	var state store.CopyState
	if importSource {
		_, state, err = e.Import(ctx, definition.Source)
	} else {
		state, err = e.Store.CopyState(ctx, p.copyID)
	}
	if err != nil {
		return prepared{}, err
	}
	p.position = state.Position
	var problems []error
	for _, objectType := range program.ObjectTypes() {
		names, err := e.Store.AttributeNames(ctx, p.copyID, objectType)
		if err != nil {
			return prepared{}, err
		}
		if len(names) > 0 { // a source without any such object says nothing about its attributes
			problems = append(problems, program.CheckAttributes(objectType, names))
		}
	}
	return p, errors.Join(problems...)
}

func traits(c connector.Connector) engine.Traits {
	capabilities := c.Capabilities()
	return engine.Traits{
		ActiveAttribute: capabilities.ActiveAttribute,
		Immutable:       capabilities.ImmutableAttributes,
		Exact:           capabilities.ExactAttributes,
		References:      capabilities.ReferenceAttributes,
		Members:         capabilities.MembersAttribute,
		Canonical:       c.Canonical,
	}
}

package wiring

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/api"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/file"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

// Options of an embedded engine.
type Options struct {
	// Store is the path of the SQLite file. It is created when it does not exist.
	Store string
	// KeyFile holds the key that seals secrets. Empty: "<store>.key", created on first use, unless the environment
	// variable PROVISIONING_STORE_KEY holds the key.
	KeyFile string
	// UserAgent names this program to targets.
	UserAgent string
	Logger    *slog.Logger
}

// Engine is an engine in this process.
type Engine struct {
	store  *sqlstore.Store
	client planwalk.Engine
}

// Embedded starts an engine in this process. Close it when done.
func Embedded(ctx context.Context, options Options) (*Engine, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.KeyFile == "" {
		options.KeyFile = options.Store + ".key"
	}
	sealer, err := secret.LoadOrCreateKey(secret.KeyOptions{Encoded: os.Getenv(secret.KeyVariable), File: options.KeyFile, Create: true})
	if err != nil {
		return nil, err
	}
	opened, err := sqlstore.Open(ctx, sqlstore.Options{Path: options.Store, Sealer: sealer, Now: time.Now})
	if err != nil {
		return nil, err
	}
	connectors := &connectors{userAgent: options.UserAgent, logger: options.Logger, pacers: map[string]*pace.Pacer{}}
	handler := api.NewHandler(&cycle.Engine{
		Store: opened, OpenSource: openSource, OpenConnector: connectors.open,
		Now: time.Now, NewID: uuid.NewString, Random: rand.Reader, Logger: options.Logger,
	})
	transport := &http.Client{Transport: api.InProcess{Handler: handler}}
	const here = "http://embedded.invalid" // never resolved: the transport calls the handler
	return &Engine{store: opened, client: planwalk.Engine{
		Drafts:      provisioningv1connect.NewDraftServiceClient(transport, here),
		Jobs:        provisioningv1connect.NewJobServiceClient(transport, here),
		Operations:  provisioningv1connect.NewOperationServiceClient(transport, here),
		Connections: provisioningv1connect.NewConnectionServiceClient(transport, here),
	}}, nil
}

// Client returns the generated client of the engine.
func (e *Engine) Client() planwalk.Engine { return e.client }

// Close ends the engine. It may be called twice.
func (e *Engine) Close() error { return e.store.Close() }

// openSource builds the source a configuration names.
func openSource(definition job.Source) (source.Source, error) {
	if definition.File == nil {
		return nil, directory.Errorf(directory.Invalid, "source %q has no origin", definition.Key)
	}
	return file.New(file.Options{
		Path: definition.File.Path, Format: file.Format(definition.File.Format), GroupsColumn: definition.File.GroupsColumn,
	}), nil
}

package cycle

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// target is a connector and what was known of its target when it was built.
type target struct {
	connector connector.Connector
	known     store.Knowledge
}

// targetKey names what is known of a target. Another address or another way to speak to it is another target: what was learned
// of the one may be wrong of the other.
func targetKey(connection job.Connection) store.ConnectionKey {
	key := store.ConnectionKey{ConnectionID: connection.ID(), Endpoint: connection.Endpoint()}
	if connection.SCIM != nil && connection.SCIM.Profile != "" {
		key.Endpoint += " " + connection.SCIM.Profile
	}
	return key
}

// Opening is what a connector is built from.
type Opening struct {
	Connection job.Connection
	// Secrets of the connection, by name. One that was not stored yet is empty.
	Secrets map[string]secret.Text
	// Learned is what an earlier connector to the same target learned (connector.Learning.Document).
	Learned []byte
	// Described is what the target said about itself (connector.Discoverer); nil when it was not asked in the last week.
	Described *connector.Discovery
}

// open builds the connector of a connection with its stored secrets and what is known of its target. A preview made before they
// were stored gets a connector that could not contact anybody, and does not try to.
func (e *Engine) open(ctx context.Context, connection job.Connection) (target, error) {
	secrets := map[string]secret.Text{}
	for _, used := range connection.Secrets() {
		stored, err := e.Store.GetSecret(ctx, connection.ID(), used)
		if err != nil && !errors.Is(err, directory.NotFound) {
			return target{}, err
		}
		secrets[used.Name] = stored
	}
	known, err := e.Store.GetKnowledge(ctx, targetKey(connection))
	if err != nil {
		return target{}, err
	}
	opening := Opening{Connection: connection, Secrets: secrets, Learned: known.Learned.Document}
	if discovery, ok := decodeDiscovery(known.Described.Body); ok && e.Now().Sub(known.Described.At) < describeRarely {
		opening.Described = &discovery
	}
	opened, err := e.OpenConnector(opening)
	if err != nil {
		return target{}, fmt.Errorf("connection %s: %w", connection.ID(), err)
	}
	return target{connector: opened, known: known}, nil
}

// close keeps what a connector learned and gives it back when the work with it is done, also when that was cut short.
func (e *Engine) close(ctx context.Context, t target) {
	e.keepLearned(context.WithoutCancel(ctx), t)
	if err := t.connector.Close(); err != nil {
		e.Logger.Warn("cannot close the connection", "error", err)
	}
}

// keepLearned stores what a connector knows now that it did not know when it was built. It can be learned again, so that it
// cannot be stored stops nothing.
func (e *Engine) keepLearned(ctx context.Context, t target) {
	learner, ok := t.connector.(connector.Learner)
	if !ok {
		return
	}
	learning := learner.Learned()
	if bytes.Equal(learning.Document, t.known.Learned.Document) {
		return
	}
	learned := store.Learned{Document: learning.Document, At: e.Now()}
	for _, fact := range learning.Facts {
		learned.Facts = append(learned.Facts, store.LearnedFact(fact))
	}
	if err := e.Store.PutLearned(ctx, t.known.ConnectionKey, learned); err != nil {
		e.Logger.Warn("cannot store what was learned about the target", "connection", t.known.ConnectionID, "error", err)
	}
}

package cycle

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// How old the description of a target may be. A commit wants a recent one: mappings are compared with it. A cycle that nobody
// watches sends no request more than it must; its connector goes by the description and does not ask for it again.
const (
	describeEvery  = 24 * time.Hour
	describeRarely = 7 * 24 * time.Hour
	// describeLimit is how long a target may take to describe itself before work goes on without.
	describeLimit = 20 * time.Second
)

// describe asks a target that was just reached what it says about itself, unless that is known and not older than age. Whatever
// goes wrong stops nothing: a description is never needed to provision. It returns the new description, nil when none was asked for.
func (e *Engine) describe(ctx context.Context, t target, age time.Duration) *connector.Discovery {
	known := t.known.Described
	if _, ok := decodeDiscovery(known.Body); ok && e.Now().Sub(known.At) < age {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, describeLimit)
	defer cancel()
	discovery, err := e.discover(ctx, t)
	if err != nil {
		e.Logger.Debug("the target does not describe itself", "connection", t.known.ConnectionID, "error", err)
		return nil
	}
	return &discovery
}

// discover asks a target what it says about itself and stores the answer.
func (e *Engine) discover(ctx context.Context, t target) (connector.Discovery, error) {
	discoverer, ok := t.connector.(connector.Discoverer)
	if !ok {
		return connector.Discovery{}, directory.Errorf(directory.Unsupported, "connection %s: its protocol knows no description of a target", t.known.ConnectionID)
	}
	discovery, err := discoverer.Discover(ctx)
	if err != nil {
		return connector.Discovery{}, err
	}
	body, err := encodeDiscovery(discovery)
	if err != nil {
		return connector.Discovery{}, err
	}
	return discovery, e.Store.PutDescribed(ctx, t.known.ConnectionKey, store.Described{Body: body, At: e.Now()})
}

// discoveryVersion is the version of a stored description.
const discoveryVersion = 1

// discoveryDocument is the stored form of a description.
type discoveryDocument struct {
	Version   int                 `json:"v"`
	Discovery connector.Discovery `json:"discovery"`
}

func encodeDiscovery(discovery connector.Discovery) ([]byte, error) {
	body, err := json.Marshal(discoveryDocument{Version: discoveryVersion, Discovery: discovery})
	if err != nil {
		return nil, fmt.Errorf("encode the description of a target: %w", err)
	}
	return body, nil
}

// decodeDiscovery reads a stored description. One that another version wrote is as good as none: it is asked for again.
func decodeDiscovery(body []byte) (connector.Discovery, bool) {
	var document discoveryDocument
	if len(body) == 0 || json.Unmarshal(body, &document) != nil || document.Version != discoveryVersion {
		return connector.Discovery{}, false
	}
	return document.Discovery, true
}

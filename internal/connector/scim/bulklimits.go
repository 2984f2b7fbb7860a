package scim

import (
	"context"
	"strconv"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
)

// bulkLimits bound one bulk request; no operations: bulk is not used.
type bulkLimits struct{ operations, payload int }

// limitsOf reads what a target announces (RFC 7643 5).
func limitsOf(features *connector.Features) bulkLimits {
	if features == nil || !features.Bulk || features.MaxOperations == 1 {
		return bulkLimits{}
	}
	within := func(announced int64, most int) int {
		if announced <= 0 {
			return most
		}
		return int(min(announced, int64(most)))
	}
	return bulkLimits{within(features.MaxOperations, maxBulkOperations), within(features.MaxPayloadBytes, maxBulkPayload)}
}

// announcement is what the target announces about bulk, once it was asked.
type announcement struct {
	mu     sync.Mutex
	known  bool
	limits bulkLimits
}

func (a *announcement) set(features *connector.Features) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known, a.limits = true, limitsOf(features)
}

// bulkLimits asks the target once whether it takes bulk requests. One that does not answer takes none.
func (c *Connector) bulkLimits(ctx context.Context) bulkLimits {
	if c.bulk == bulkOff || c.client.learned.form(topicBulk, "") == bulkOff {
		return bulkLimits{}
	}
	c.announced.mu.Lock()
	defer c.announced.mu.Unlock()
	if !c.announced.known {
		var d description
		config, err := c.describe(ctx, configPath, &d)
		if ctx.Err() != nil {
			return bulkLimits{}
		}
		c.announced.known = true
		if err == nil {
			c.announced.limits = limitsOf(d.features(config))
		}
	}
	return c.announced.limits
}

// bulkOperations is how many operations one request may have by what was learned.
func (c *Connector) bulkOperations() int {
	if learned, err := strconv.Atoi(c.client.learned.form(topicBulkOperations, "")); err == nil && learned > 0 {
		return learned
	}
	return maxBulkOperations
}

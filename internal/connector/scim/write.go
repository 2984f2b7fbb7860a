package scim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// patch sends a PATCH. An answer with a resource must be about the same one: ids never change, whatever is
// renamed (scim-client.md 17, row 18).
func (c *Connector) patch(ctx context.Context, at endpoint, target directory.Anchor, operations []patchOperation) (resource, error) {
	sent := byID(http.MethodPatch, at, target)
	// A group may be answered with all its members, although nobody asked for them.
	sent.body, sent.lean = newPatch(operations), at.query != ""
	a, err := c.client.send(ctx, sent)
	if err != nil {
		return nil, err
	}
	return c.resourceOf(sent, a, target)
}

// resourceOf reads the answer to a write of one resource; nil when it is empty.
func (c *Connector) resourceOf(sent request, a answer, target directory.Anchor) (resource, error) {
	if len(bytes.TrimSpace(a.body)) == 0 {
		return nil, nil
	}
	r, err := decodeResource(a.body)
	switch {
	case err != nil:
		return nil, c.client.incompatibleAnswer(sent, a, "something that is not a JSON object")
	case r.id() != "" && r.id() != target:
		return nil, c.client.incompatibleAnswer(sent, a, fmt.Sprintf("the resource with id %q", c.client.redact(string(r.id()))))
	}
	return r, nil
}

package scim

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// create sends a POST. An answer without id, or with two different ones, leaves the outcome unknown: the account may be
// there.
func (c *Connector) create(ctx context.Context, at endpoint, operation connector.Operation) (directory.Anchor, error) {
	body, err := newResource(c.profile, at, operation.Changes)
	if err != nil {
		return "", err
	}
	sent := request{method: http.MethodPost, path: at.path, body: body}
	a, err := c.client.send(ctx, sent)
	if err != nil {
		return "", err
	}
	made, err := decodeResource(a.body)
	switch {
	case err != nil:
		return "", c.client.incompatibleAnswer(sent, a, "something that is not a JSON object")
	case made.id() == "":
		return "", c.client.incompatibleAnswer(sent, a, "a resource that has no id")
	case contradicts(a.header.Get("Location"), at, made.id()):
		return "", c.client.incompatibleAnswer(sent, a, fmt.Sprintf("the id %q and a Location that ends in another one", c.client.redact(string(made.id()))))
	}
	return made.id(), nil
}

// update plans with what is known of the account. When the target says that a path selects nothing, that was out of date,
// and nothing was written, because a PATCH is written whole or not at all (RFC 7644 3.5.2): it is planned once more, with
// what the account holds.
func (c *Connector) update(ctx context.Context, at endpoint, operation connector.Operation) error {
	operations, err := planPatch(c.profile, operation)
	if err != nil || len(operations) == 0 {
		return err
	}
	err = c.patch(ctx, at, operation.Target, operations)
	if told, ok := refused(err); !ok || told.status != http.StatusBadRequest || !strings.EqualFold(told.scimType, "noTarget") {
		return err
	}
	var failure error
	if operation.Current, failure = c.current(ctx, operation); failure != nil {
		return err
	}
	again, failure := planPatch(c.profile, operation)
	switch {
	case failure != nil || reflect.DeepEqual(again, operations):
		return err
	case len(again) == 0:
		return nil
	}
	return c.patch(ctx, at, operation.Target, again)
}

// current reads what an update needs to know of an account.
func (c *Connector) current(ctx context.Context, operation connector.Operation) (map[string]directory.Value, error) {
	attributes := slices.Sorted(maps.Keys(operation.Current))
	for _, change := range operation.Changes {
		attributes = append(attributes, change.Attribute)
	}
	account, err := c.Get(ctx, operation.Type, operation.Target, attributes)
	return account.Attributes, err
}

// patch sends a PATCH. An answer with a resource must be about the same one: ids never change, whatever is
// renamed (scim-client.md 17, row 18).
func (c *Connector) patch(ctx context.Context, at endpoint, target directory.Anchor, operations []patchOperation) error {
	sent := byID(http.MethodPatch, at, target)
	sent.body = newPatch(operations)
	a, err := c.client.send(ctx, sent)
	if err != nil || len(bytes.TrimSpace(a.body)) == 0 {
		return err
	}
	r, err := decodeResource(a.body)
	switch {
	case err != nil:
		return c.client.incompatibleAnswer(sent, a, "something that is not a JSON object")
	case r.id() != "" && r.id() != target:
		return c.client.incompatibleAnswer(sent, a, fmt.Sprintf("the resource with id %q", c.client.redact(string(r.id()))))
	}
	return nil
}

// remove sends a DELETE; what is gone already is a success.
func (c *Connector) remove(ctx context.Context, at endpoint, target directory.Anchor) error {
	sent := byID(http.MethodDelete, at, target)
	a, err := c.client.send(ctx, sent)
	if err == nil {
		if isHTML(a) {
			return c.client.incompatibleAnswer(sent, a, "text/html")
		}
		return nil
	}
	if directory.KindOf(err) == directory.NotFound {
		return nil
	}
	// Seen in the field: deleting what is gone answers 500. Reading tells.
	if told, ok := refused(err); ok && told.status >= http.StatusInternalServerError && directory.OutcomeUnknown(err) {
		if _, missing := c.read(ctx, at, target); directory.KindOf(missing) == directory.NotFound {
			return nil
		}
	}
	return err
}

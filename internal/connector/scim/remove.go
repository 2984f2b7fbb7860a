package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// remove sends a DELETE; what is gone already is a success, whatever the target answers (scim-client.md 8). Reading tells
// when the answer does not: servers have been seen to answer 500 and 400 for what is gone, and success for what stays.
func (c *Connector) remove(ctx context.Context, at endpoint, target directory.Anchor) error {
	sent := byID(http.MethodDelete, at, target)
	a, err := c.client.send(ctx, sent)
	if err == nil {
		c.client.learned.forget(topicDelete, at.name)
		return c.removed(ctx, at, target, sent, a)
	}
	told, answered := refused(err)
	switch {
	case directory.KindOf(err) == directory.NotFound:
		if err = c.unaddressable(ctx, at, target, err); directory.KindOf(err) != directory.NotFound {
			return err
		}
		// A target without DELETE may answer the same.
		return c.goneIndeed(ctx, at, target, sent, answer{path: sent.path, status: http.StatusNotFound})
	case !answered || directory.KindOf(err) == directory.Throttled:
		return err
	case directory.KindOf(err) == directory.Unsupported:
		return c.cannotDelete(at, err)
	case told.status == http.StatusBadRequest, told.status == http.StatusUnprocessableEntity,
		told.status >= http.StatusInternalServerError && told.status != http.StatusNotImplemented:
		if c.gone(ctx, at, target) {
			return nil
		}
	}
	return err
}

// cannotDelete adds to the refusal what to do where DELETE is not there, and remembers that for people. It is tried all the same: a
// target may learn it.
func (c *Connector) cannotDelete(at endpoint, refusal error) error {
	told, _ := refused(refusal)
	c.client.learned.learn(topicDelete, at.name, "unsupported", fmt.Sprintf("it answered %d to DELETE", told.status))
	said, ok := errors.AsType[*directory.Error](refusal)
	if !ok || at.name != "User" {
		return refusal
	}
	advised := *said
	advised.Message += ", or disable accounts instead of deleting them"
	return &advised
}

// removed judges a DELETE that was answered with success. It is checked when the answer is odd: 202, or one that says something; and
// until one was seen to be true: nobody may keep an account because a target says yes to everything.
func (c *Connector) removed(ctx context.Context, at endpoint, target directory.Anchor, sent request, a answer) error {
	if isHTML(a) {
		return c.client.incompatibleAnswer(sent, a, "text/html")
	}
	if a.status != http.StatusAccepted && (a.status == http.StatusNoContent || len(a.body) == 0) && c.deletes.Load() {
		return nil
	}
	return c.goneIndeed(ctx, at, target, sent, a)
}

// goneIndeed reads what a DELETE was said to have deleted. Whoever cannot be read is believed to be gone.
func (c *Connector) goneIndeed(ctx context.Context, at endpoint, target directory.Anchor, sent request, a answer) error {
	r, err := c.read(ctx, at, target)
	if err != nil {
		if directory.KindOf(err) == directory.NotFound && a.status != http.StatusNotFound {
			c.deletes.Store(true)
		}
		return nil
	}
	if active, ok := r.read(Path{Attribute: activeAttribute}).AsBoolean(); ok && !active {
		// Deleting softly is deleting (scim-client.md 19).
		return nil
	}
	if a.status == http.StatusAccepted {
		return c.client.failure(sent, a.path, verdict{directory.Transient, codeProtocol, ""},
			"answered 202, and the account is still there; it is tried again in the next cycle")
	}
	return c.client.failure(sent, a.path, verdict{incompatible, codeIncompatible, ""},
		fmt.Sprintf("answered %d, and the account is still there; disable accounts instead of deleting them, or ask the target's vendor", a.status))
}

// seen reads a resource; nil when it is gone, or nobody says that it is not.
func (c *Connector) seen(ctx context.Context, at endpoint, target directory.Anchor) resource {
	r, err := c.read(ctx, at, target)
	if err != nil {
		return nil
	}
	return r
}

// gone reports whether a resource is certainly not there.
func (c *Connector) gone(ctx context.Context, at endpoint, target directory.Anchor) bool {
	_, err := c.read(ctx, at, target)
	return directory.KindOf(err) == directory.NotFound
}

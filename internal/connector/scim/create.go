package scim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// create sends a POST. One that is refused is climbed down the ladder.
func (c *Connector) create(ctx context.Context, at endpoint, operation connector.Operation) connector.Outcome {
	body, err := newResource(c.dialect(), at, operation.Changes)
	if err != nil {
		return connector.Outcome{Err: err}
	}
	made, err := c.post(ctx, at, operation, body)
	switch {
	case err == nil:
		c.learnSelections(ctx, at, operation.Changes, made)
		return connector.Outcome{Target: made.id()}
	case !divisible(err) || directory.OutcomeUnknown(err):
		return connector.Outcome{Err: err}
	}
	g := &creating{connector: c, at: at, operation: operation, refusal: err, posts: 1}
	return g.climb(ctx)
}

// post sends a new resource.
func (c *Connector) post(ctx context.Context, at endpoint, operation connector.Operation, body resource) (resource, error) {
	sent := request{method: http.MethodPost, path: at.path, body: body}
	a, err := c.client.send(ctx, sent)
	if err != nil {
		return nil, err
	}
	return c.made(ctx, at, operation, sent, a)
}

// made returns the new resource as the target answers it, with an id that is certainly that of the account that was sent. When
// that cannot be said the outcome is unknown: the account may be there.
func (c *Connector) made(ctx context.Context, at endpoint, operation connector.Operation, sent request, a answer) (resource, error) {
	made, with := resource{}, "nothing that says which account was made"
	if len(bytes.TrimSpace(a.body)) > 0 {
		var err error
		if made, err = decodeResource(a.body); err != nil {
			return nil, c.client.incompatibleAnswer(sent, a, "something that is not a JSON object")
		}
		with = "a resource that has no id"
	}
	place := a.header.Get("Location")
	switch {
	case made.id() == "":
		if found := c.lookFor(ctx, at, operation, placed(place, at)); found != nil {
			return found, nil
		}
		return nil, c.client.incompatibleAnswer(sent, a, with)
	case contradicts(place, at, made.id()):
		return nil, c.client.incompatibleAnswer(sent, a, fmt.Sprintf("the id %q and a Location that ends in another one", c.client.redact(string(made.id()))))
	}
	if whose := owner(operation, made, false); whose != ours {
		// The answer is about somebody else, or says of nobody in particular that it is the new one. Reading tells.
		r, err := c.read(ctx, at, made.id())
		if err == nil {
			whose = owner(operation, r, false)
		}
		if whose == foreign {
			return nil, c.client.incompatibleAnswer(sent, a, fmt.Sprintf("the id %q of another account than was sent", c.client.redact(string(made.id()))))
		}
	}
	return made, nil
}

// lookFor finds a resource whose creation was answered without an id: where Location says it is, or by its name. It must hold
// exactly what was sent; nil when it cannot be told from somebody else's.
func (c *Connector) lookFor(ctx context.Context, at endpoint, operation connector.Operation, id directory.Anchor) resource {
	if id != "" {
		if r, err := c.read(ctx, at, id); err == nil && owner(operation, r, true) == ours {
			return r
		}
	}
	for _, change := range operation.Changes {
		if !isName(operation.Type, change.Attribute) || change.Value.IsNull() {
			continue
		}
		s, err := newSearch(c.dialect(), operation.Type, change.Attribute, change.Value)
		if err != nil {
			return nil
		}
		hits, err := c.client.find(ctx, s)
		if err != nil || len(hits) != 1 || c.confirm(ctx, s, hits) != nil || owner(operation, hits[0], true) != ours {
			return nil
		}
		return hits[0]
	}
	return nil
}

// placed returns the id that a Location ends in, empty when it names no resource of the endpoint.
func placed(location string, at endpoint) directory.Anchor {
	place, err := url.Parse(location)
	if err != nil {
		return ""
	}
	path := place.EscapedPath()
	start := strings.LastIndex(path, at.path+"/")
	if start < 0 {
		return ""
	}
	id, err := url.PathUnescape(path[start+len(at.path)+1:])
	if err != nil {
		return ""
	}
	return directory.Anchor(id)
}

// ownership says whose a resource is, seen from what was sent.
type ownership uint8

const (
	// nobodys says nothing of who it is.
	nobodys ownership = iota
	ours
	foreign
)

// owner compares the attributes that say who somebody is with what was sent: externalId, which only we give, and else the
// name, whose case a server may change. An existing account with the same name and another externalId is not ours.
func owner(operation connector.Operation, r resource, exact bool) ownership {
	whose := nobodys
	for _, change := range operation.Changes {
		external := isCore(change.Attribute, "externalId")
		sent, ok := change.Value.Text()
		have, holds := profile{}.read(r, change.Attribute).Text()
		if !ok || !holds || !external && !isName(operation.Type, change.Attribute) {
			continue
		}
		same := have == sent || !external && !exact && strings.EqualFold(have, sent)
		switch {
		case external && same:
			if !exact {
				return ours
			}
			whose = max(whose, ours)
		case same:
			whose = max(whose, ours)
		default:
			whose = foreign
		}
	}
	return whose
}

// isName recognises the attribute that names a user or a group. The displayName of a user names nobody.
func isName(objectType directory.ObjectType, attribute string) bool {
	if objectType == directory.Group {
		return isCore(attribute, "displayName")
	}
	return isCore(attribute, "userName")
}

// isCore recognises a core attribute, however a mapping spells it.
func isCore(attribute, name string) bool {
	path, err := ParsePath(attribute)
	return err == nil && path.URN == "" && path.FilterBy == "" && path.Sub == "" && strings.EqualFold(path.Attribute, name)
}

package scim

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var errEnough = errors.New("enough found")

// search is a Query, ready to be sent and verified.
type search struct {
	at     endpoint
	path   Path
	value  directory.Value
	filter string
}

func newSearch(p profile, objectType directory.ObjectType, attribute string, value directory.Value) (search, error) {
	at, err := endpointOf(objectType)
	if err != nil {
		return search{}, err
	}
	path, err := ParsePath(attribute)
	if err != nil {
		return search{}, invalid("", "%v", err)
	}
	path = p.selected(path.resolved())
	wanted, err := canonicalOne(path, attribute, value)
	if err != nil {
		return search{}, err
	}
	if wanted.IsEmpty() {
		return search{}, invalid("", "find %s by %s: there is no value to look for", objectType, attribute)
	}
	// Inside a query a space may be a plus or %20; a plus of the value is always %2B.
	filter := "filter=" + strings.ReplaceAll(url.QueryEscape(equals(p, path, wanted)), "+", p.filterSpace)
	return search{at: at, path: path, value: wanted, filter: filter}, nil
}

// find returns the resources that hold the value. A server whose answer to the filter contains anything else
// ignored the filter, and the right one may be on another page: then everything is listed (scim-client.md 17,
// row 12).
func (c *client) find(ctx context.Context, s search) ([]resource, error) {
	p, err := c.getPage(ctx, s.at, s.filter)
	if tooLong(err) {
		return c.findListing(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	if len(p.resources) == 0 && p.total > 0 {
		r := request{method: http.MethodGet, path: s.at.path}
		return nil, c.failure(r, c.url(r).EscapedPath(), verdict{kind: incompatible, code: codeIncompatible},
			"the search announces hits but delivers none; the target's search is broken, ask its vendor")
	}
	hits := s.verified(p.resources)
	if len(hits) == len(p.resources) {
		return hits, nil
	}
	c.logger.DebugContext(ctx, "scim target ignores the filter, listing instead", "attribute", s.path.String())
	return c.findListing(ctx, s)
}

// findListing lists everything, until there are two hits.
func (c *client) findListing(ctx context.Context, s search) (hits []resource, err error) {
	err = c.listAll(ctx, s.at, func(resources []resource) error {
		hits = append(hits, s.verified(resources)...)
		if len(hits) >= 2 {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return hits, nil
}

// tooLong reports whether the target refused a search because its value makes the address too long.
func tooLong(err error) bool {
	told, ok := refused(err)
	return ok && (told.status == http.StatusRequestURITooLong || told.status == http.StatusRequestHeaderFieldsTooLarge)
}

// findAll is find to the last page: with the filter, which a server may ignore.
func (c *client) findAll(ctx context.Context, s search) (hits []resource, err error) {
	collect := func(resources []resource) error {
		hits = append(hits, s.verified(resources)...)
		return nil
	}
	if err = c.listAll(ctx, s.at, collect, s.filter); tooLong(err) {
		err = c.listAll(ctx, s.at, collect)
	}
	if err != nil {
		return nil, err
	}
	return hits, nil
}

func (s search) verified(resources []resource) []resource {
	var hits []resource
	for _, r := range resources {
		if s.holds(r) {
			hits = append(hits, r)
		}
	}
	return hits
}

// holds reports whether a resource really has the value, compared as the schema compares it.
func (s search) holds(r resource) bool {
	wanted, _ := s.value.Text()
	for _, element := range r.read(s.path).Elements() {
		if element.Kind() == directory.KindRecord {
			element = element.Field("value")
		}
		have, ok := element.Text()
		if ok && (have == wanted || !caseExact(s.path) && strings.EqualFold(have, wanted)) {
			return true
		}
	}
	return false
}

// Find returns the accounts whose attribute has the value.
func (c *Connector) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	s, err := newSearch(c.dialect(), query.Type, query.Attribute, query.Value)
	if err != nil {
		return nil, err
	}
	paths, err := c.paths(append([]string{query.Attribute}, query.Attributes...))
	if err != nil {
		return nil, err
	}
	find := c.client.find
	if query.All {
		find = c.client.findAll
	}
	found, err := find(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := c.confirm(ctx, s, found); err != nil {
		return nil, err
	}
	return c.accounts(paths, query.Type, found)
}

package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// search is a Query, ready to be sent and verified.
type search struct {
	profile    profile
	objectType directory.ObjectType
	attribute  string
	at         endpoint
	path       Path
	value      directory.Value
	filter     string
	// cursory says that nothing rests on nobody being found, all that every hit is wanted.
	cursory, all bool
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
	return search{profile: p, objectType: objectType, attribute: attribute, at: at, path: path, value: wanted, filter: filter}, nil
}

// find returns the resources that hold the value; it may stop after two. Nobody is found only where that can be relied on:
// where the search is not known to find by this attribute, it is tried on somebody who is there, and otherwise
// everything is listed (scim-client.md 17, row 12).
func (c *client) find(ctx context.Context, s search) ([]resource, error) {
	f := &finding{search: s}
	if f.hits, f.err = c.searched(ctx, s); errors.Is(f.err, errList) {
		c.listFor(ctx, s.at, []*finding{f})
	}
	return f.hits, f.err
}

// searched is what the search alone brings; errList where only the list can tell.
func (c *client) searched(ctx context.Context, s search) ([]resource, error) {
	switch {
	case !c.searchable(s):
		return nil, errList
	case s.all:
		return c.searchedAll(ctx, s)
	}
	p, err := c.getPage(ctx, s.at, s.filter)
	if err != nil {
		if err = c.afterRefusal(s, err); err != nil {
			return nil, err
		}
	}
	if len(p.resources) == 0 && p.total > 0 {
		return nil, c.brokenSearch(s, "the search announces hits but delivers none; the target's search is broken, ask its vendor")
	}
	hits := s.verified(p.resources)
	switch {
	case len(p.resources) == 0 && s.cursory:
		return nil, nil
	case len(p.resources) == 0:
		return c.nobody(ctx, s)
	case len(hits) == len(p.resources):
		c.foundBy(s, hits)
		if len(hits) == 1 && p.total > 1 {
			return c.another(ctx, s, hits)
		}
		return hits, nil
	case len(hits) == 0 && len(p.resources) <= 2 && s.untold(p.resources):
		return c.askEach(ctx, s, p.resources)
	}
	if s.differInCase(p.resources) && p.total <= len(p.resources) {
		// It found more than the schema has it find, so that nobody is missing.
		if len(hits) == 0 {
			return c.nobody(ctx, s)
		}
		return hits, nil
	}
	// It answered with others too, so that the right one may be on another page.
	if err := c.prove(ctx, s); err != nil {
		return nil, err
	}
	c.logger.DebugContext(ctx, "scim target answers a search with others too, listing instead", "attribute", s.path.String())
	return nil, errList
}

// another looks for a second hit that did not fit into the page. Totals may count everybody, so one more page must do.
func (c *client) another(ctx context.Context, s search, hits []resource) ([]resource, error) {
	p, err := c.getPage(ctx, s.at, s.filter, "startIndex=2", "count=2")
	if _, isRefused := refused(err); err != nil && !isRefused {
		return nil, err
	}
	for _, r := range s.verified(p.resources) {
		if r.id() != hits[0].id() {
			hits = append(hits, r)
		}
	}
	return hits, nil
}

// searchedAll is searched to the last page: with the filter, which a server may ignore.
func (c *client) searchedAll(ctx context.Context, s search) (hits []resource, err error) {
	others := false
	err = c.listAll(ctx, s.at, func(resources []resource) error {
		verified := s.verified(resources)
		hits, others = append(hits, verified...), others || len(verified) < len(resources)
		return nil
	}, s.filter)
	if err != nil {
		err = c.afterRefusal(s, err)
	}
	if err != nil {
		return nil, err
	}
	// Some are found, and nobody knows whether they are all: a target may go by the exact spelling.
	if !others {
		c.foundBy(s, hits)
	}
	if err := c.prove(ctx, s); err != nil {
		return nil, err
	}
	if !c.searchable(s) || s.cased() && c.searchForm(s) == searchExact {
		return nil, errList
	}
	return hits, nil
}

// askEach reads hits that do not tell the attribute they were found by, asking for it by name (RFC 7643 7, returned). Where it
// is not told even then, nobody can say whom the search found.
func (c *client) askEach(ctx context.Context, s search, resources []resource) ([]resource, error) {
	var told []resource
	for _, r := range resources {
		asked := byID(http.MethodGet, s.at, r.id())
		asked.query, asked.lean = "attributes="+url.QueryEscape(s.path.container().wire()), true
		a, err := c.send(ctx, asked)
		if err != nil {
			return nil, err
		}
		whole, err := decodeResource(a.body)
		if err != nil {
			return nil, c.incompatibleAnswer(asked, a, "something that is not a JSON object")
		}
		if whole.id() != r.id() || s.untold([]resource{whole}) {
			return nil, c.brokenSearch(s, fmt.Sprintf("the search by %s finds a %s whose %s the target does not tell, so that nobody can say whether it is the right one; match by another attribute",
				s.path, s.objectType, s.path))
		}
		// What was not asked for again is as it was.
		for name, value := range r {
			if _, known := whole[whole.key(name)]; !known {
				whole[name] = value
			}
		}
		told = append(told, whole)
	}
	if hits := s.verified(told); len(hits) == len(told) {
		return hits, nil
	}
	if err := c.prove(ctx, s); err != nil {
		return nil, err
	}
	return nil, errList
}

// untold reports whether resources say nothing at all of what they were looked for by.
func (s search) untold(resources []resource) bool {
	return !slices.ContainsFunc(resources, func(r resource) bool { return r.whole(s.path) != nil })
}

// differInCase reports whether all resources have the value when case is ignored.
func (s search) differInCase(resources []resource) bool {
	wanted, _ := s.value.Text()
	for _, r := range resources {
		if !slices.ContainsFunc(s.valuesOf(r), func(have string) bool { return strings.EqualFold(have, wanted) }) {
			return false
		}
	}
	return true
}

// brokenSearch is an error about a search as such. The message has no value, which may be personal.
func (c *client) brokenSearch(s search, what string) *directory.Error {
	r := request{method: http.MethodGet, path: s.at.path}
	return c.failure(r, c.url(r).EscapedPath(), verdict{kind: incompatible, code: codeIncompatible}, what)
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
	for _, have := range s.valuesOf(r) {
		if have == wanted || !caseExact(s.path) && strings.EqualFold(have, wanted) {
			return true
		}
	}
	return false
}

// valuesOf are the values that a resource has where a search looks.
func (s search) valuesOf(r resource) []string {
	var values []string
	for _, element := range r.read(s.path).Elements() {
		if element.Kind() == directory.KindRecord {
			element = element.Field("value")
		}
		if have, ok := element.Text(); ok {
			values = append(values, have)
		}
	}
	return values
}

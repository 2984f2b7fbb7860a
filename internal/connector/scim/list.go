package scim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// pageSize is how many resources one page asks for (scim-client.md 12).
const pageSize = 100

// page is a ListResponse (RFC 7644 3.4.2).
type page struct {
	// total is what the server says there are in all; servers get it wrong. -1 when it does not say.
	total     int
	resources []resource
}

// decodePage reads a ListResponse. Schemas may be missing when the rest is unmistakable.
func decodePage(body []byte) (page, error) {
	r, err := decodeResource(body)
	if err != nil {
		return page{}, fmt.Errorf("something that is not a JSON object")
	}
	total, saysTotal := count(r.get("totalResults"))
	list := r.get("Resources")
	elements, isList := list.([]any)
	if !isList && (list != nil || !saysTotal) {
		return page{}, fmt.Errorf("an object that is not a ListResponse")
	}
	p := page{total: -1}
	if saysTotal {
		p.total = total
	}
	for _, element := range elements {
		entry, ok := asResource(element)
		if !ok {
			return page{}, fmt.Errorf("a ListResponse that lists something else than resources")
		}
		if entry.id() == "" {
			return page{}, fmt.Errorf("a ListResponse with a resource that has no id")
		}
		p.resources = append(p.resources, entry)
	}
	return p, nil
}

func count(raw any) (int, bool) {
	number, ok := raw.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := number.Int64()
	return int(n), err == nil && n >= 0
}

// getPage sends one query.
func (c *client) getPage(ctx context.Context, at endpoint, query ...string) (page, error) {
	if at.query != "" {
		query = append([]string{at.query}, query...)
	}
	r := request{method: http.MethodGet, path: at.path, query: strings.Join(query, "&")}
	a, err := c.send(ctx, r)
	if err != nil {
		return page{}, err
	}
	p, err := decodePage(a.body)
	if err != nil {
		return page{}, c.incompatibleAnswer(r, a, err.Error())
	}
	return p, nil
}

// listAll delivers every resource once, page by page. Servers cap pages, and totals with them, so neither a
// short page nor the announced total ends the list: an empty page does, or one without anything new once the
// total is reached. Every page must bring something new, so it cannot go on for ever. query selects among them.
func (c *client) listAll(ctx context.Context, at endpoint, deliver func([]resource) error, query ...string) error {
	seen := map[string]bool{}
	for next := 1; ; {
		p, err := c.getPage(ctx, at, append(slices.Clone(query), fmt.Sprintf("startIndex=%d", next), fmt.Sprintf("count=%d", pageSize))...)
		complete := next > 1 && len(seen) >= p.total
		if err != nil {
			// Beyond the end some servers refuse the question.
			if told, ok := refused(err); ok && next > 1 && (told.status == http.StatusBadRequest || told.status == http.StatusNotFound) {
				return nil
			}
			return err
		}
		if len(p.resources) == 0 {
			if len(seen) < p.total {
				return c.stalled(at, "announces %d resources but delivers %d", p.total, len(seen))
			}
			return nil
		}
		var fresh []resource
		for _, r := range p.resources {
			if id := string(r.id()); !seen[id] {
				seen[id] = true
				fresh = append(fresh, r)
			}
		}
		if len(fresh) == 0 {
			if complete {
				return nil
			}
			return c.stalled(at, "does not advance: asked for startIndex=%d, it delivers again what it delivered before (%d of %d resources)",
				next, len(seen), p.total)
		}
		if err := deliver(fresh); err != nil {
			return err
		}
		next += len(p.resources)
	}
}

func (c *client) stalled(at endpoint, format string, args ...any) error {
	r := request{method: http.MethodGet, path: at.path}
	return c.failure(r, c.url(r).EscapedPath(), verdict{kind: incompatible, code: codeIncompatible},
		"the list "+fmt.Sprintf(format, args...)+"; the target's paging is broken, ask its vendor")
}

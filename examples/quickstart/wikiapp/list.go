package wikiapp

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

const urnList = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

// list answers a query (RFC 7644 3.4.2): the resources that match, in the order they were created, one page of them.
func (q request) list() (reply, error) {
	query := q.http.URL.Query()
	start, err := number(query, "startIndex", 1)
	if err != nil {
		return reply{}, err
	}
	count, err := number(query, "count", q.app.options.PageLimit)
	if err != nil {
		return reply{}, err
	}
	start, count = max(start, 1), min(max(count, 0), q.app.options.PageLimit)
	var filter expr
	if f := query.Get("filter"); f != "" {
		if filter, err = parseFilter(q.c.kind, f); err != nil {
			return reply{}, refuse("invalidFilter", "filter %q: %s", f, err)
		}
	}
	want := readProjection(q.c.kind, query)

	q.app.mu.RLock()
	defer q.app.mu.RUnlock()
	page, total := q.page(filter, start, count)
	resources := make([]any, 0, len(page))
	for _, r := range page {
		resources = append(resources, q.view(r).render(want))
	}
	touched := fmt.Sprintf("%d of %d", len(page), total)
	if total == 1 && len(page) == 1 {
		touched = q.c.name(page[0])
	}
	return reply{status: http.StatusOK, touched: touched, body: map[string]any{
		"schemas": []string{urnList}, "totalResults": total, "startIndex": start,
		"itemsPerPage": len(resources), "Resources": resources,
	}}, nil
}

// page picks the records of one page, and counts all that match. Without a filter nothing is walked, so the last page of
// many costs what the first does.
func (q request) page(filter expr, start, count int) (page []*record, total int) {
	if filter == nil {
		all := q.c.order
		from := min(start-1, len(all))
		return all[from:min(from+count, len(all))], len(all)
	}
	for _, r := range q.c.candidates(filter) {
		if !filter.match(q.view(r)) {
			continue
		}
		if total++; total >= start && len(page) < count {
			page = append(page, r)
		}
	}
	return page, total
}

func number(q url.Values, key string, otherwise int) (int, error) {
	s := q.Get(key)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, invalidValue("%s must be a whole number", key)
	}
	return n, nil
}

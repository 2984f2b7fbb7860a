package scim

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// maxDelivered is how many resources are delivered at a time (connector.Connector).
const maxDelivered = 1000

// getPage sends one query.
func (c *client) getPage(ctx context.Context, at endpoint, query ...string) (page, error) {
	if at.query != "" {
		query = append([]string{at.query}, query...)
	}
	r := request{method: http.MethodGet, path: at.path, query: strings.Join(query, "&"), lean: at.query != ""}
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

// listAll delivers every resource once, page by page, or says why the list cannot be trusted; what it decides is the pager's.
// Where reading by index fails, the target is asked whether it has cursors. query selects among the resources. A list that was
// found unreliable twice is not read a third time.
func (c *client) listAll(ctx context.Context, at endpoint, deliver func([]resource) error, query ...string) error {
	if len(query) > 0 {
		_, err := c.listOnce(ctx, at, deliver, query)
		return err
	}
	if err := c.reading.brokenList(at); err != nil {
		return err
	}
	trusted, err := c.listOnce(ctx, at, deliver, nil)
	if !trusted {
		c.reading.noteBroken(at, err)
	}
	return err
}

// listOnce also reports whether nothing was found that speaks against the list. A target that refuses the length of the pages is asked
// for shorter ones.
func (c *client) listOnce(ctx context.Context, at endpoint, deliver func([]resource) error, query []string) (trusted bool, err error) {
	trusted, err = c.listBy(ctx, at, pageSize, deliver, query)
	if mayBeCount(err) {
		if trusted, again := c.listBy(ctx, at, shortPage, deliver, query); again == nil || invalidCount(err) {
			return trusted, again
		}
	}
	return trusted, err
}

// mayBeCount reports whether a target may have refused the length of a page: some say so in other words.
func mayBeCount(err error) bool {
	told, _ := refused(err)
	return invalidCount(err) || told.status == http.StatusBadRequest && slices.Contains([]string{"", "invalidvalue", "toomany"}, strings.ToLower(told.scimType))
}

// invalidCount reports whether a target refuses to deliver so many at a time (RFC 9865).
func invalidCount(err error) bool {
	told, _ := refused(err)
	return strings.EqualFold(told.scimType, "invalidCount")
}

func (c *client) listBy(ctx context.Context, at endpoint, size int, deliver func([]resource) error, query []string) (trusted bool, err error) {
	p := newPager(size, false)
	p.fromOne = c.reading.countsFromOne(at)
	err = c.readList(ctx, at, p, deliver, query)
	told, isRefused := refused(err)
	hopeless := p.err != nil || isRefused && len(p.seen) == 0 && told.status == http.StatusBadRequest
	if err == nil && p.fronted && len(p.seen) > 0 && !p.before {
		c.reading.learnFromOne(at)
	}
	if err == nil || !hopeless || invalidCount(err) || !c.pagesByCursor(ctx) {
		return p.err == nil, err
	}
	p.useCursors()
	err = c.readList(ctx, at, p, deliver, query)
	return p.err == nil, err
}

func (c *client) readList(ctx context.Context, at endpoint, p *pager, deliver func([]resource) error, query []string) error {
	for {
		asked, more := p.next()
		if !more {
			return nil
		}
		read, answer, err := c.ask(ctx, at, asked, query)
		if err != nil {
			return err
		}
		fresh, untrusted := p.take(answer)
		resources := make([]resource, len(fresh))
		for i, index := range fresh {
			resources[i] = read.resources[index]
		}
		// Some targets ignore count, and answer with everything.
		for chunk := range slices.Chunk(resources, maxDelivered) {
			if err := deliver(chunk); err != nil {
				return err
			}
		}
		if untrusted != nil {
			return c.unreliable(at, untrusted)
		}
	}
}

// ask sends the request for one page. Beyond the end some servers refuse the question, and a cursor may expire (RFC 9865).
func (c *client) ask(ctx context.Context, at endpoint, asked pageRequest, query []string) (page, pageAnswer, error) {
	read, err := c.getPage(ctx, at, append(slices.Clone(query), asked.query()...)...)
	answer := pageAnswer{total: read.total, next: read.next}
	if told, ok := refused(err); ok {
		beyond := told.status == http.StatusBadRequest || told.status == http.StatusNotFound
		switch {
		case asked.byCursor && asked.cursor != "" && (strings.EqualFold(told.scimType, "invalidCursor") || strings.EqualFold(told.scimType, "expiredCursor")):
			answer.expired, err = true, nil
		case !asked.byCursor && (asked.start != 1 || asked.open) && beyond:
			answer.refused, err = true, nil
		// Some answer startIndex=0 with a fault of their own.
		case !asked.byCursor && !asked.open && asked.start == 0 && told.status >= http.StatusInternalServerError:
			answer.refused, err = true, nil
		}
	}
	for _, r := range read.resources {
		answer.ids = append(answer.ids, digestOf(string(r.id())))
	}
	return read, answer, err
}

// query are the parameters of a page request.
func (r pageRequest) query() []string {
	count := fmt.Sprintf("count=%d", r.count)
	switch {
	case r.byCursor:
		return []string{"cursor=" + url.QueryEscape(r.cursor), count}
	case r.open:
		return []string{count}
	default:
		return []string{fmt.Sprintf("startIndex=%d", r.start), count}
	}
}

// pagesByCursor asks the target whether its lists can be read by cursor (RFC 9865).
func (c *client) pagesByCursor(ctx context.Context) bool {
	a, err := c.send(ctx, request{method: http.MethodGet, path: configPath})
	if err != nil {
		return false
	}
	documents, _, err := decodeDocuments(a.body)
	if err != nil || len(documents) == 0 {
		return false
	}
	pages, _ := asResource(documents[0].get("pagination"))
	return yes(pages.get("cursor"))
}

// stalled is the error for something that is listed and does not come to an end.
func (c *client) stalled(at endpoint, format string, args ...any) *directory.Error {
	r := request{method: http.MethodGet, path: at.path}
	return c.failure(r, c.url(r).EscapedPath(), verdict{kind: incompatible, code: codeIncompatible},
		"the list "+fmt.Sprintf(format, args...)+"; the target's paging is broken, ask its vendor")
}

// unreliable is the error for a list that cannot be trusted. It is Unsupported too: whoever can do without the list searches.
func (c *client) unreliable(at endpoint, why error) error {
	err := c.stalled(at, "%v", why)
	err.Err = directory.Unsupported
	return err
}

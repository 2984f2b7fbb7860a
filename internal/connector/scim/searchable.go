package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// topicSearch is whether a target can be searched by an attribute; its subject is the type and the path.
const topicSearch topic = "search"

// The forms of topicSearch.
const (
	// searchFinds: who is there is found, in another case too where the schema ignores case.
	searchFinds = "finds"
	// searchExact: only by the exact spelling.
	searchExact = "finds the exact spelling only"
	// searchRefused: it refuses to search by the attribute.
	searchRefused = "refuses"
	// searchMissed: it answers, and does not find who is there.
	searchMissed = "does not find"
	// searchIgnored: it answers with others.
	searchIgnored = "finds others too"
)

// maxProofs is how often somebody to try a search on is looked for.
const maxProofs = 3

// errList says that a search cannot be asked for, so that everything must be listed.
var errList = errors.New("to be listed")

// subject names what a search is by.
func (s search) subject() subject { return s.at.name + " by " + s.path.String() }

// cased reports whether somebody may have the value in another case.
func (s search) cased() bool {
	text, _ := s.value.Text()
	return !caseExact(s.path) && (strings.ToLower(text) != text || strings.ToUpper(text) != text)
}

// proof names what a search that finds is proof of: one for a value without letters tells nothing of those with.
func (s search) proof() subject {
	if s.cased() || caseExact(s.path) {
		return s.subject()
	}
	return s.subject() + ", without letters"
}

// searchForm is what is known of a search; empty when nothing is.
func (c *client) searchForm(s search) string {
	form := c.learned.form(topicSearch, s.subject())
	switch {
	case s.cased() || caseExact(s.path) || form != "" && form != searchExact:
		return form
	case form == searchExact:
		return searchFinds
	default:
		return c.learned.form(topicSearch, s.proof())
	}
}

// searchable reports whether a search is worth asking. Where it finds no more than the exact spelling it is: only what it
// does not find must be listed.
func (c *client) searchable(s search) bool {
	switch c.searchForm(s) {
	case searchRefused, searchMissed, searchIgnored:
		return false
	default:
		return true
	}
}

// afterRefusal says what follows from a search that was answered with an error: nil means nobody, where the connection says that this is
// how the target says so (scim-client.md 17, row 16); errList, where the target does not take the question; and
// else the error.
func (c *client) afterRefusal(s search, err error) error {
	told, ok := refused(err)
	about := strings.ToLower(told.scimType)
	switch {
	case errors.Is(err, directory.Unsupported) && !ok:
		// Its hits cannot be read to the end.
		return errors.Join(errList, err)
	case !ok || directory.KindOf(err) == directory.Throttled:
		return err
	case told.status == http.StatusRequestURITooLong, told.status == http.StatusRequestHeaderFieldsTooLarge:
		return errors.Join(errList, err)
	case c.notFoundIsEmpty && (told.status == http.StatusNotFound || told.status == http.StatusBadRequest && about != "invalidfilter" && about != "invalidpath"):
		return nil
	case told.status == http.StatusBadRequest && (s.unusual() || about == "toomany"):
		return errors.Join(errList, err)
	case told.status == http.StatusBadRequest, told.status == http.StatusNotImplemented, told.status == http.StatusMethodNotAllowed:
		c.learned.learn(topicSearch, s.subject(), searchRefused, fmt.Sprintf("it answered %s to a search; it is listed instead", told.Error()))
		return errors.Join(errList, err)
	default:
		return err
	}
}

// unusual reports whether the value itself may be what a target refuses: some do not take an escaped quote.
func (s search) unusual() bool {
	text, _ := s.value.Text()
	return s.escaped() || strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsControl(r) }) || len(text) > 200
}

// answersSearch asks for somebody who does not exist, or for a page of the list where it is known that the target refuses to
// search. One that refuses for the first time must list.
func (c *client) answersSearch(ctx context.Context, s search) error {
	list := func() error {
		_, err := c.getPage(ctx, s.at, "startIndex=1", "count=1")
		return err
	}
	before := c.searchForm(s)
	if before == searchRefused {
		return list()
	}
	_, failure := c.getPage(ctx, s.at, s.filter)
	if failure == nil {
		return nil
	}
	switch err := c.afterRefusal(s, failure); {
	case err == nil && before != "":
		return nil
	case err == nil, errors.Is(err, errList):
		if list() == nil {
			return nil
		}
	}
	return failure
}

// nobody decides whether nobody was found because there is nobody.
func (c *client) nobody(ctx context.Context, s search) ([]resource, error) {
	if err := c.prove(ctx, s); err != nil {
		return nil, err
	}
	switch form := c.searchForm(s); {
	case (form == "" || form == searchFinds) && !s.escaped():
		return nil, nil
	default:
		return nil, errList
	}
}

// escaped reports whether the value has to be escaped inside a filter. Some servers look for the escaped text (SCIMMY), so that
// only the list tells that there is nobody; such values are rare.
func (s search) escaped() bool {
	text, _ := s.value.Text()
	return quote(text) != `"`+text+`"`
}

// foundBy learns from a hit that the target searches by the attribute, as far as that can be told from it.
func (c *client) foundBy(s search, hits []resource) {
	if c.searchForm(s) == searchFinds {
		return
	}
	for _, hit := range hits {
		if s.tells(hit) && (!s.cased() || !s.holdsExactly(hit)) {
			c.learned.learn(topicSearch, s.proof(), searchFinds, proofReasons[searchFinds])
			return
		}
	}
}

// holdsExactly reports whether a resource has the value in the very spelling.
func (s search) holdsExactly(r resource) bool {
	wanted, _ := s.value.Text()
	for _, have := range s.valuesOf(r) {
		if have == wanted {
			return true
		}
	}
	return false
}

// tells reports whether a hit shows that it was found by this attribute: no other one has the same value.
func (s search) tells(r resource) bool {
	for _, name := range []string{"id", "externalId", "userName", "displayName", "nickName"} {
		other := Path{Attribute: name}
		if other.same(s.path) {
			continue
		}
		text, _ := r.read(other).Text()
		for _, have := range s.valuesOf(r) {
			if strings.EqualFold(have, text) {
				return false
			}
		}
	}
	return true
}

// prove finds out, once for a type and an attribute, whether the target finds who is there: some read the filter and do not
// look at the attribute, and then nobody is ever found and everybody is created again. It takes two requests, and two
// more for a target that does not find. Where nobody on the first page has the attribute, somebody is looked for in the
// whole list; where nobody has it at all, it cannot be told, and nothing rests on it.
//
// Those who ask while it is being found out share what comes of it.
func (c *client) prove(ctx context.Context, s search) (err error) {
	for range maxProofs {
		proof := c.reading.proofs.DoChan(s.proof(), func() (any, error) { return nil, c.proveNow(ctx, s) })
		select {
		case <-ctx.Done():
			return directory.Errorf(directory.Transient, "search by %s: %w", s.path, ctx.Err())
		case outcome := <-proof:
			err = outcome.Err
			if !outcome.Shared || !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
				return err
			}
			// Whoever tried it gave up, and we did not.
		}
	}
	return err
}

func (c *client) proveNow(ctx context.Context, s search) error {
	if c.searchForm(s) != "" || c.reading.tried(s.proof()) >= maxProofs {
		return nil
	}
	p, err := c.getPage(ctx, s.at, "startIndex=1", fmt.Sprintf("count=%d", pageSize))
	switch {
	case invalidCount(err):
		// The list itself asks for less.
	case unlistable(err):
		// There is nobody to try it on.
		c.reading.giveUp(s.proof())
		return nil
	case err != nil:
		return err
	}
	somebody, value := s.candidate(p.resources)
	switch {
	case somebody != nil:
	case err == nil && len(p.resources) == 0:
		c.reading.note(s.proof())
		return nil
	default:
		if somebody, value, err = c.anyCandidate(ctx, s); somebody == nil {
			if errors.Is(err, directory.Unsupported) {
				// The list cannot be relied on either, and nobody in it has the attribute.
				err = nil
			}
			if err == nil {
				c.reading.giveUp(s.proof())
			}
			return err
		}
	}
	form, err := c.tryOn(ctx, s, somebody, value)
	if err != nil || form == "" {
		return err
	}
	about := s.subject()
	if form == searchFinds {
		about = s.proof()
	}
	c.learned.learn(topicSearch, about, form, proofReasons[form])
	return nil
}

// unlistable reports whether an answer means that the target does not let itself be listed. One that is down, busy or does not know us
// may do so later.
func unlistable(err error) bool {
	_, answered := refused(err)
	switch directory.KindOf(err) {
	case directory.Unauthorised, directory.Throttled, directory.Transient:
		return false
	default:
		return answered
	}
}

var proofReasons = map[string]string{
	searchFinds:   "it was asked for an account that is there and found it",
	searchExact:   "it was asked for an account that is there in another case and did not find it, although the attribute ignores case; who is not found is looked for in the list",
	searchRefused: "it refused a search; it is listed instead",
	searchMissed:  "it was asked for an account that is there and did not find it; it is listed instead",
	searchIgnored: "it was asked for one account and answered with others; it is listed instead",
}

// candidate picks the resource to try a search on: one whose value is in no other attribute, has nothing unusual, and has letters where
// the search is about a value that has.
func (s search) candidate(resources []resource) (resource, string) {
	var best resource
	var value string
	for _, r := range resources {
		for _, have := range s.valuesOf(r) {
			one := s
			one.value = directory.Text(have)
			if have == "" || one.unusual() || s.cased() && !one.cased() {
				continue
			}
			if s.tells(r) {
				return r, have
			}
			if best == nil {
				best, value = r, have
			}
		}
	}
	return best, value
}

// anyCandidate looks for somebody to try a search on in the whole list.
func (c *client) anyCandidate(ctx context.Context, s search) (somebody resource, value string, err error) {
	err = c.listAll(ctx, s.at, func(resources []resource) error {
		if somebody, value = s.candidate(resources); somebody != nil {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return somebody, value, err
}

// tryOn searches for somebody who is there, in another case if the schema ignores case, and returns the form of the search;
// empty when it cannot be told.
func (c *client) tryOn(ctx context.Context, s search, somebody resource, value string) (string, error) {
	spellings := []string{value}
	if other := swapCase(value); other != value && s.cased() {
		spellings = []string{other, value}
	}
	for i, spelling := range spellings {
		again, err := newSearch(s.profile, s.objectType, s.attribute, directory.Text(spelling))
		if err != nil {
			return "", err
		}
		p, err := c.getPage(ctx, again.at, again.filter)
		if err != nil {
			if err = c.afterRefusal(again, err); errors.Is(err, errList) {
				return searchRefused, nil
			} else if err != nil {
				return "", err
			}
		}
		found := false
		for _, r := range p.resources {
			found = found || r.id() == somebody.id()
		}
		switch hits := again.verified(p.resources); {
		case len(hits) < len(p.resources):
			return searchIgnored, nil
		case found && i > 0:
			return searchExact, nil
		case found:
			return searchFinds, nil
		}
	}
	_, err := c.send(ctx, withQuery(byID(http.MethodGet, s.at, somebody.id()), s.at.query))
	if directory.KindOf(err) == directory.NotFound {
		// Gone meanwhile, so that it proves nothing.
		c.reading.note(s.proof())
		return "", nil
	}
	return searchMissed, err
}

func withQuery(r request, query string) request {
	r.query, r.lean = query, query != ""
	return r
}

// swapCase is another spelling of a text that a comparison without regard to case takes for the same.
func swapCase(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return r
		}
	}, text)
}

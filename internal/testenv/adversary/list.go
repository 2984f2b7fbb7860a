package adversary

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// list answers a query: filter first, then one page of what is left.
func (s *Server) list(t *table, query url.Values) answer {
	all := s.seen(t)
	if t == s.users && (s.on(DisabledVanish) || s.on(DisabledUnreadable)) {
		all = slices.DeleteFunc(all, func(r *record) bool { return !r.active() })
	}
	filter := query.Get("filter")
	if filter != "" {
		hits, refused := s.search(t, all, filter)
		if refused != nil {
			return *refused
		}
		all = hits
	} else if s.on(NewestFirst) {
		slices.Reverse(all)
	} else if s.on(OrderUnstable) && len(all) > 0 {
		first := s.requests * 7 % len(all)
		all = slices.Concat(all[first:], all[:first])
	}
	w, refused := s.window(query, all)
	if refused != nil {
		return *refused
	}
	page, start, end := w.records, w.start, w.end
	body := tree{"schemas": []string{listURN}, "totalResults": len(all), "itemsPerPage": len(page), "startIndex": start}
	resources := []any{}
	for _, r := range page {
		resources = append(resources, s.listed(t, r, filter != "", query))
		if filter != "" && s.on(HitTwice) {
			resources = append(resources, s.listed(t, r, true, query))
		}
	}
	body["Resources"] = resources
	s.spoil(body, all, page, filter != "", asked(query, "count", pageLimit), end)
	if filter == "" {
		s.meanwhile(t, end)
	}
	return answer{status: http.StatusOK, body: body}
}

func (s *Server) listed(t *table, r *record, found bool, query url.Values) any {
	if found && s.on(HitsWithoutValues) {
		return tree{"schemas": []string{userURN}, "id": r.id}
	}
	return s.render(t, r, query.Get("excludedAttributes") != "members" || s.on(ExcludedIgnored))
}

func asked(query url.Values, name string, otherwise int) int {
	if n, err := strconv.Atoi(query.Get(name)); err == nil {
		return n
	}
	return otherwise
}

// window is the page that is asked for: what is delivered, where it starts as the answer says, and where it ends.
type window struct {
	records    []*record
	start, end int
}

func (s *Server) window(query url.Values, all []*record) (window, *answer) {
	switch {
	case s.on(CountRefused) && asked(query, "count", 0) > pageLimit:
		refused := refuse(http.StatusBadRequest, "invalidValue", fmt.Sprintf("count is at most %d", pageLimit))
		return window{}, &refused
	case s.on(CursorExpires) && query.Get("cursor") != "":
		refused := refuse(http.StatusBadRequest, "expiredCursor", "the cursor has expired")
		return window{}, &refused
	}
	start, count := max(1, asked(query, "startIndex", 1)), min(max(0, asked(query, "count", pageLimit)), pageLimit)
	from := start - 1
	switch {
	case s.on(CountCut), s.on(TotalCapped), s.on(TotalIsPage), s.on(EmptyPage), s.on(ZeroBased), s.on(NewestFirst), s.on(DeletedBetweenPages), s.on(TotalMissing):
		count = min(count, smallPage)
	}
	switch {
	case s.on(StartIndexIgnored):
		from, count = 0, min(count, smallPage)
	case s.on(CountIgnored):
		from, count = 0, len(all)
	case s.on(ZeroBased) && query.Get("startIndex") != "":
		from = start
	case s.on(EmptyPage) && start == smallPage+1:
		return window{start: start, end: from}, nil
	case s.on(BeyondEndRefused) && from >= len(all) && from > 0:
		refused := refuse(http.StatusBadRequest, "invalidValue", "startIndex is beyond the end")
		return window{}, &refused
	case s.pagesByCursor():
		count = min(count, smallPage)
		from = s.cursors[query.Get("cursor")]
	}
	from = min(from, len(all))
	end := min(from+count, len(all))
	return window{all[from:end], start, end}, nil
}

// smallPage is the page of servers that cut pages.
const smallPage = 5

// spoil makes the numbers of a list wrong.
func (s *Server) spoil(body tree, all, page []*record, found bool, count, end int) {
	total := len(all)
	switch {
	case s.on(TotalCapped):
		total = min(total, smallPage)
	case s.on(TotalIsPage):
		total = len(page)
	case s.on(TotalTooLarge) && !found:
		total += 3
	case s.on(TotalZero):
		total = 0
	}
	body["totalResults"] = total
	if s.on(TotalAsText) {
		body["totalResults"] = strconv.Itoa(total)
	}
	if s.on(ItemsPerPageEchoed) {
		body["itemsPerPage"] = count
	}
	if s.on(StartIndexWrong) {
		body["startIndex"] = 0
	}
	if s.on(TotalMissing) {
		delete(body, "totalResults")
		delete(body, "itemsPerPage")
		delete(body, "startIndex")
	}
	if resources, ok := body["Resources"].([]any); s.on(ListedTwice) && ok && len(resources) > 0 && !found {
		body["Resources"] = append(resources, resources[0])
	}
	if s.on(ResourcesMissing) && len(page) == 0 {
		delete(body, "Resources")
	}
	if s.pagesByCursor() && end < len(all) {
		cursor := fmt.Sprintf("c%d", end)
		if s.on(CursorRepeats) {
			cursor, end = "again", min(smallPage, len(all))
		}
		s.cursors[cursor] = end
		body["nextCursor"] = cursor
	}
	if s.on(EmptyObjectWith200) && found {
		clear(body)
	}
}

func (s *Server) pagesByCursor() bool {
	return s.on(CursorPaging) || s.on(CursorRepeats) || s.on(CursorExpires)
}

// meanwhile is what somebody else does between two pages of a list.
func (s *Server) meanwhile(t *table, end int) {
	switch {
	case t != s.users:
	case s.on(NewestFirst) && s.guests < 4:
		s.guests++
		name := fmt.Sprintf("guest%d@example.com", s.guests)
		r := &record{id: s.newID(t, name), attrs: tree{"userName": name, "active": true}}
		t.records = append(t.records, r)
	case s.on(DeletedBetweenPages) && s.guests == 0 && end < len(t.records) && end > 1:
		// Somebody who was listed goes, and everybody after the page moves up by one.
		s.guests++
		s.drop(t, t.records[1])
	}
}

// search filters by one comparison.
func (s *Server) search(t *table, all []*record, filter string) ([]*record, *answer) {
	attribute, value, _, err := parseComparison(filter)
	at, pathErr := parsePath(attribute)
	if err != nil || pathErr != nil || s.on(FilterRefused) || s.on(GroupFilterRefused) && t == s.groups {
		refused := refuse(http.StatusBadRequest, "invalidFilter", "this attribute cannot be filtered on")
		return nil, &refused
	}
	switch {
	case s.on(FilterIgnored), s.on(GroupFilterIgnored) && t == s.groups:
		slices.Reverse(all)
		return all, nil
	case s.on(FilterFindsNothing):
		return nil, nil
	case s.on(HTMLWith200):
		return nil, &answer{status: http.StatusOK, body: "<!doctype html><title>Sign in</title>", header: map[string]string{"Content-Type": "text/html"}}
	case s.on(FilterOtherAttribute):
		at = path{attr: "nickName"}
	}
	hits := slices.DeleteFunc(all, func(r *record) bool {
		candidates := at.values(r.attrs)
		if strings.EqualFold(at.attr, "id") {
			candidates = []any{r.id}
		}
		return !slices.ContainsFunc(candidates, func(have any) bool { return s.equals(at, have, value) })
	})
	if len(hits) == 0 {
		switch {
		case s.on(NotFoundOnEmpty), s.on(NotFoundOnEmptyTold):
			refused := refuse(http.StatusNotFound, "", "no such user")
			return nil, &refused
		case s.on(BadRequestOnEmpty):
			refused := refuse(http.StatusBadRequest, "", "no such user")
			return nil, &refused
		}
	}
	return hits, nil
}

func (s *Server) equals(at path, have, wanted any) bool {
	x, isText := have.(string)
	y, isTextToo := wanted.(string)
	switch {
	case !isText || !isTextToo:
		return same(have, wanted)
	case s.on(FilterPrefix):
		return strings.HasPrefix(strings.ToLower(x), strings.ToLower(y))
	case s.on(FilterCaseExact), s.on(SecondUserWithoutID), strings.EqualFold(at.attr, "externalId"):
		return x == y
	default:
		return strings.EqualFold(x, y)
	}
}

// discover answers what the server says about itself (RFC 7644 4).
func (s *Server) discover(place string) answer {
	supported := func(yes bool) tree { return tree{"supported": yes} }
	switch {
	case s.on(DiscoveryIsHTML):
		return answer{status: http.StatusOK, body: "<!doctype html><title>Welcome</title>", header: map[string]string{"Content-Type": "text/html"}}
	case s.on(DiscoveryFails):
		return refuse(http.StatusInternalServerError, "", "out of order")
	case s.on(DiscoveryMissing):
		return refuse(http.StatusNotFound, "", "there is nothing here")
	case place == "ServiceProviderConfig":
		bulk := tree{"supported": s.bulkOffered(), "maxOperations": bulkLimit, "maxPayloadSize": 1 << 20}
		if s.on(BulkUnlimited) {
			bulk = tree{"supported": true}
		}
		paging := tree{"cursor": s.pagesByCursor(), "index": !s.pagesByCursor()}
		return answer{status: http.StatusOK, body: tree{
			"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
			"patch":   supported(!s.on(PatchMissingTold) && !s.on(PatchDenied)), "bulk": bulk, "filter": tree{"supported": true, "maxResults": pageLimit},
			"changePassword": supported(false), "sort": supported(false), "etag": supported(true), "pagination": paging,
			"authenticationSchemes": []any{tree{"type": "oauthbearertoken", "name": "Bearer", "description": "a token"}},
		}}
	case place == "ResourceTypes" || place == "Schemas":
		return answer{status: http.StatusOK, body: tree{"schemas": []string{listURN}, "totalResults": 0, "Resources": []any{}}}
	default:
		return refuse(http.StatusNotFound, "", "there is nothing here")
	}
}

func decode(body []byte) (tree, bool) {
	var document tree
	return document, json.Unmarshal(body, &document) == nil && document != nil
}

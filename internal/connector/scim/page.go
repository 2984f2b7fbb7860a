package scim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// page is a ListResponse (RFC 7644 3.4.2).
type page struct {
	// total is what the server says there are in all; servers get it wrong. -1 when it does not say.
	total     int
	resources []resource
	// next is the cursor of the next page (RFC 9865), empty when there is none.
	next string
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
	switch next := r.get("nextCursor").(type) {
	case string:
		p.next = next
	case json.Number: // RFC 9865 has a text
		p.next = next.String()
	}
	byID := make(map[string]int, len(elements))
	for _, element := range elements {
		entry, ok := asResource(element)
		if !ok {
			return page{}, fmt.Errorf("a ListResponse that lists something else than resources")
		}
		id := string(entry.id())
		if id == "" {
			return page{}, fmt.Errorf("a ListResponse with a resource that has no id")
		}
		if before, twice := byID[id]; twice {
			if !reflect.DeepEqual(p.resources[before], entry) {
				return page{}, fmt.Errorf("a ListResponse with two different resources of one id")
			}
			continue
		}
		byID[id] = len(p.resources)
		p.resources = append(p.resources, entry)
	}
	return p, nil
}

// count reads a number of resources, also one that is written as text.
func count(raw any) (int, bool) {
	text := ""
	switch number := raw.(type) {
	case json.Number:
		text = number.String()
	case string:
		text = strings.TrimSpace(number)
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err == nil && n >= 0
}

// withoutBOM drops the mark that some servers put before their JSON.
func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\uFEFF")) }

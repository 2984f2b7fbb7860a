package scim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// bulkResult is what a target says of one operation of a bulk request (RFC 7644 3.7.3).
type bulkResult struct {
	method, bulkID, location string
	status                   int
	response                 any
}

// decodeBulk reads a bulk answer. An operation without a status that can be read is left out: nothing is known of it.
func decodeBulk(body []byte) ([]bulkResult, error) {
	r, err := decodeResource(body)
	if err != nil {
		return nil, fmt.Errorf("something that is not a JSON object")
	}
	list, ok := r.get("Operations").([]any)
	if !ok {
		return nil, fmt.Errorf("an object that is not a bulk answer")
	}
	var results []bulkResult
	for _, element := range list {
		one, _ := asResource(element)
		result := bulkResult{status: bulkStatus(one.get("status")), response: one.get("response")}
		result.method, _ = one.get("method").(string)
		result.bulkID, _ = one.get("bulkId").(string)
		result.location, _ = one.get("location").(string)
		if result.status >= 100 && result.status <= 599 {
			results = append(results, result)
		}
	}
	return results, nil
}

// bulkStatus reads a status: a text in the RFC, a number or an object with a code on some servers. 0 is none.
func bulkStatus(raw any) int {
	if object, ok := asResource(raw); ok {
		raw = object.get("code")
	}
	text := ""
	switch told := raw.(type) {
	case string:
		text, _, _ = strings.Cut(strings.TrimSpace(told), " ")
	case json.Number:
		text = told.String()
	}
	status, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return status
}

// answerFor finds what was said of an operation: by its bulkId or, where the target does not repeat that, by its method and
// place, which an operation on an existing resource shares with no other. Two answers that differ are none.
func answerFor(results []bulkResult, item bulkItem) (found bulkResult, ok bool) {
	for _, result := range results {
		if !result.about(item) {
			continue
		}
		if ok && result.status != found.status {
			return bulkResult{}, false
		}
		found, ok = result, true
	}
	return found, ok
}

func (r bulkResult) about(item bulkItem) bool {
	if r.bulkID != "" {
		return r.bulkID == item.id()
	}
	return item.request.method != http.MethodPost && strings.EqualFold(r.method, item.request.method) &&
		placed(r.location, item.at) == item.operation.Target
}

// answer is the result as if the operation had been sent alone.
func (r bulkResult) answer(path string) answer {
	a := answer{status: r.status, contentType: mediaType, header: http.Header{}, path: path}
	if r.location != "" {
		a.header.Set("Location", r.location)
	}
	if r.response != nil {
		// What was decoded from JSON is JSON again.
		a.body, _ = encode(r.response)
	}
	return a
}

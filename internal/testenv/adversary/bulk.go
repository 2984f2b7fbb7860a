package adversary

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
)

// bulkOffered reports whether /ServiceProviderConfig announces bulk.
func (s *Server) bulkOffered() bool {
	return s.options.Bulk || slices.ContainsFunc([]Switch{BulkWorks, BulkStopsHalfway, BulkAnswersHalf, BulkOtherOrder, BulkWithoutIDs, BulkWithoutLocation,
		BulkMissing, BulkSmaller, BulkStatusObject, BulkCut}, s.on)
}

// bulk performs several requests and answers for each (RFC 7644 3.7). The lock is held.
func (s *Server) bulk(body []byte) answer {
	document, ok := decode(body)
	list, isList := field(document, "Operations").([]any)
	switch {
	case !s.bulkOffered(), s.on(BulkMissing):
		return refuse(http.StatusNotImplemented, "", "there is no bulk")
	case !ok || !isList:
		return refuse(http.StatusBadRequest, "invalidSyntax", "there are no operations")
	case len(list) > 10, s.on(BulkSmaller) && len(list) > 3:
		return refuse(http.StatusRequestEntityTooLarge, "tooMany", "too many operations")
	}
	var results []any
	for i, element := range list {
		one, _ := element.(tree)
		if s.on(BulkStopsHalfway) && i > 0 && i >= (len(list)+1)/2 {
			break
		}
		results = append(results, s.bulkOne(one))
	}
	if s.on(BulkAnswersHalf) {
		results = results[:(len(results)+1)/2]
	}
	if s.on(BulkOtherOrder) {
		slices.Reverse(results)
	}
	answered := tree{"schemas": []string{bulkResponse}, "Operations": results}
	if s.on(BulkCut) {
		text, err := json.Marshal(answered)
		if err == nil {
			return answer{status: http.StatusOK, body: string(text[:len(text)/2])}
		}
	}
	return answer{status: http.StatusOK, body: answered}
}

func (s *Server) bulkOne(one tree) tree {
	method, place := textOf(field(one, "method")), textOf(field(one, "path"))
	data, _ := json.Marshal(field(one, "data"))
	r := httptest.NewRequest(method, "http://localhost"+s.home()+place, strings.NewReader(string(data)))
	r.Header.Set("Authorization", "Bearer "+s.options.Token)
	a := s.route(r, data)
	result := tree{"method": method, "status": strconv.Itoa(a.status)}
	if s.on(BulkStatusObject) {
		result["status"] = tree{"code": a.status}
	}
	if id := textOf(field(one, "bulkId")); id != "" && !s.on(BulkWithoutIDs) {
		result["bulkId"] = id
	}
	if location := a.header["Location"]; location != "" && !s.on(BulkWithoutLocation) {
		result["location"] = location
	}
	if a.status >= http.StatusBadRequest {
		result["response"] = a.body
	}
	return result
}

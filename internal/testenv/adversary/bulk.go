package adversary

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
)

// bulkOffered reports whether /ServiceProviderConfig announces bulk.
func (s *Server) bulkOffered() bool {
	return s.options.Bulk || slices.ContainsFunc([]Switch{BulkWorks, BulkStopsHalfway, BulkAnswersHalf, BulkOtherOrder, BulkWithoutIDs, BulkWithoutLocation,
		BulkMissing, BulkSmaller, BulkStatusObject, BulkCut, BulkStatusNumber, BulkErrorWith200, BulkTooLarge, BulkUnlimited, BulkStopsAtError,
		BulkAllOrNothing, BulkFailsAfter, BulkIDsSwapped, BulkWithoutMethod, BulkAnswersTwice}, s.on)
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
	case s.on(BulkErrorWith200):
		refused := refuse(http.StatusBadRequest, "", "the server is in a bad mood")
		refused.status = http.StatusOK
		return refused
	case len(list) > bulkLimit, s.on(BulkSmaller) && len(list) > 3, s.on(BulkTooLarge):
		return refuse(http.StatusRequestEntityTooLarge, "tooMany", "too many operations")
	}
	undoUsers, undoGroups := s.users.snapshot(), s.groups.snapshot()
	var results []any
	for i, element := range list {
		one, _ := element.(tree)
		if s.on(BulkStopsHalfway) && i > 0 && i >= (len(list)+1)/2 {
			break
		}
		result, status := s.bulkOne(one)
		if results = append(results, result); status < http.StatusBadRequest {
			continue
		}
		if s.on(BulkAllOrNothing) {
			undoUsers()
			undoGroups()
			return refuse(http.StatusBadRequest, "invalidValue", fmt.Sprintf("operation %d is refused", i+1))
		}
		if s.on(BulkStopsAtError) {
			break
		}
	}
	if s.on(BulkFailsAfter) {
		return refuse(http.StatusInternalServerError, "", "something broke")
	}
	if s.on(BulkIDsSwapped) {
		swapBulkIDs(results)
	}
	if s.on(BulkAnswersTwice) {
		results = append(results, results...)
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

// bulkLimit is how many operations a bulk request may have.
const bulkLimit = 10

// swapBulkIDs says of each new resource that it is the one that was asked for next.
func swapBulkIDs(results []any) {
	var made []tree
	for _, result := range results {
		if one, ok := result.(tree); ok && one["method"] == http.MethodPost && one["location"] != nil {
			made = append(made, one)
		}
	}
	for i := range made[:max(0, len(made)-1)] {
		made[i]["bulkId"], made[i+1]["bulkId"] = made[i+1]["bulkId"], made[i]["bulkId"]
	}
}

// bulkOne performs one operation, and returns what is said of it and its status.
func (s *Server) bulkOne(one tree) (tree, int) {
	method, place := textOf(field(one, "method")), textOf(field(one, "path"))
	data, _ := json.Marshal(field(one, "data"))
	r := httptest.NewRequest(method, "http://localhost"+s.home()+place, strings.NewReader(string(data)))
	r.Header.Set("Authorization", "Bearer "+s.options.Token)
	a := s.route(r, data)
	result := tree{"method": method, "status": strconv.Itoa(a.status)}
	if s.on(BulkStatusObject) {
		result["status"] = tree{"code": a.status}
	}
	if s.on(BulkStatusNumber) {
		result["status"] = a.status
	}
	if s.on(BulkWithoutMethod) {
		delete(result, "method")
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
	return result, a.status
}

package wikiapp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

const (
	urnBulkRequest  = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	urnBulkResponse = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

// bulkRequest is several requests in one (RFC 7644 3.7).
type bulkRequest struct {
	Schemas      []string
	FailOnErrors int
	Operations   []struct {
		Method, BulkID, Path string
		Data                 json.RawMessage
	}
}

// bulk performs the operations in their order and answers for each. References by bulkId are not offered.
func (a *App) bulk(w http.ResponseWriter, r *http.Request, base string) (reply, error) {
	q := request{app: a, http: r, body: http.MaxBytesReader(w, r.Body, maxBody), base: base}
	if a.options.BulkOperations <= 0 || r.Method != http.MethodPost {
		return reply{}, &fault{status: http.StatusNotImplemented, detail: "/Bulk is not offered"}
	}
	body, err := q.readBody()
	if err != nil {
		return reply{}, err
	}
	var asked bulkRequest
	encoded, err := json.Marshal(body)
	if err != nil || json.Unmarshal(encoded, &asked) != nil || len(asked.Schemas) != 1 || asked.Schemas[0] != urnBulkRequest {
		return reply{}, invalidSyntax("this is not a bulk request")
	}
	if len(asked.Operations) > a.options.BulkOperations {
		return reply{}, &fault{status: http.StatusRequestEntityTooLarge, detail: "more than " + strconv.Itoa(a.options.BulkOperations) + " operations"}
	}
	results := make([]any, 0, len(asked.Operations))
	failures := 0
	for _, one := range asked.Operations {
		if asked.FailOnErrors > 0 && failures >= asked.FailOnErrors {
			break
		}
		result := map[string]any{"method": one.Method}
		if one.BulkID != "" {
			result["bulkId"] = one.BulkID
		}
		out, err := a.bulkOne(w, r, one.Method, one.Path, one.BulkID, one.Data)
		if err != nil {
			failures++
			out = failure(err, out.touched)
			result["response"] = out.body
		}
		result["status"] = strconv.Itoa(out.status)
		if out.location != "" {
			result["location"] = out.location
		} else if one.Method != http.MethodPost {
			result["location"] = base + one.Path
		}
		a.requests.add(entry{Request: Request{Method: one.Method, Path: Prefix + one.Path, Query: "in bulk", Status: out.status},
			when: a.options.Now(), touched: out.touched})
		results = append(results, result)
	}
	return reply{status: http.StatusOK, body: map[string]any{"schemas": []string{urnBulkResponse}, "Operations": results}}, nil
}

func (a *App) bulkOne(w http.ResponseWriter, r *http.Request, method, path, id string, data []byte) (reply, error) {
	rest, ok := strings.CutPrefix(path, "/")
	switch {
	case !ok || strings.HasPrefix(rest, "Bulk") || method == http.MethodGet:
		return reply{}, invalidSyntax("an operation writes a resource, at /Users or /Groups")
	case method == http.MethodPost && id == "":
		return reply{}, invalidSyntax("an operation that makes a resource has a bulkId")
	}
	one, err := http.NewRequestWithContext(r.Context(), method, Prefix+path, bytes.NewReader(data))
	if err != nil {
		return reply{}, invalidSyntax("%s %s is not a request", method, path)
	}
	one.Host, one.TLS = r.Host, r.TLS
	one.Header = http.Header{"Authorization": r.Header["Authorization"], "Content-Type": {mediaType}}
	return a.answer(w, one, strings.TrimPrefix(one.URL.Path, Prefix+"/"))
}

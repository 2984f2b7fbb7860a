package scim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// strict is a target with limits for bulk requests: those it announces, and those it has.
type strict struct {
	announces string
	// refuse answers a bulk request of so many operations and bytes with a status; 0 takes it.
	refuse func(operations, size int) int
	// one answers one operation with a status; nil: all are done.
	one func(method, path string) int

	mu sync.Mutex
	// bulks are the operations of each bulk request that was taken, sizes their bytes; alone is what came by itself.
	bulks, sizes []int
	alone        []string
	refused      int
}

func (s *strict) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/scim+json")
	raw, _ := io.ReadAll(r.Body)
	switch {
	case strings.HasSuffix(r.URL.Path, "/ServiceProviderConfig"):
		_, _ = fmt.Fprintf(w, `{"bulk":{"supported":true%s}}`, s.announces)
	case strings.HasSuffix(r.URL.Path, "/Bulk"):
		var body struct {
			Operations []struct {
				Method, BulkID, Path string
				Data                 map[string]any
			}
		}
		if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&body); err != nil {
			panic(err)
		}
		if s.refuse != nil {
			if status := s.refuse(len(body.Operations), len(raw)); status != 0 {
				s.refused++
				if status == http.StatusTooManyRequests {
					w.Header().Set("Retry-After", "3600")
				}
				w.WriteHeader(status)
				return
			}
		}
		s.bulks, s.sizes = append(s.bulks, len(body.Operations)), append(s.sizes, len(raw))
		results := []any{}
		for _, o := range body.Operations {
			result := map[string]any{"bulkId": o.BulkID, "method": o.Method, "status": "204"}
			if o.Method == http.MethodPost {
				result["status"], result["location"] = "201", "/Users/"+fmt.Sprint(o.Data["userName"])
			}
			if s.one != nil {
				if status := s.one(o.Method, o.Path); status != 0 {
					result["status"] = fmt.Sprint(status)
					delete(result, "location")
				}
			}
			results = append(results, result)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Operations": results})
	case r.Method == http.MethodPost:
		var body map[string]any
		_ = json.Unmarshal(raw, &body)
		s.alone = append(s.alone, "POST")
		body["id"] = body["userName"]
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(body)
	default:
		if r.Method == http.MethodGet {
			// Nobody is there who was deleted.
			w.WriteHeader(http.StatusNotFound)
			return
		}
		s.alone = append(s.alone, r.Method)
		w.WriteHeader(http.StatusNoContent)
	}
}

// TestBulkFits: no bulk request is larger than what is announced, whatever is in it, and what does not fit goes alone.
func TestBulkFits(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1000, 1500, 5000} {
		target := &strict{announces: fmt.Sprintf(`,"maxOperations":7,"maxPayloadSize":%d`, limit)}
		c := serve(t, target.ServeHTTP)
		var operations []connector.Operation
		for i := range 40 {
			name := fmt.Sprintf("user %02d", i)
			operations = append(operations,
				connector.Operation{ID: name, Kind: connector.Create, Type: directory.User, Changes: changesOf(values{"userName": text(name), "title": text(strings.Repeat("\"é\\<", i))})},
				connector.Operation{ID: name, Kind: connector.Update, Type: directory.User, Target: directory.Anchor(strings.Repeat("/ü\"", i+1)), Changes: changesOf(values{"title": text(strings.Repeat("\u2028", i))})},
				connector.Operation{ID: name, Kind: connector.Delete, Type: directory.User, Target: directory.Anchor(name)},
				connector.Operation{ID: name, Kind: connector.RemoveMembers, Type: directory.Group, Target: directory.Anchor(name), Members: memberIDs(0, i+1)})
		}
		for i, outcome := range c.Apply(t.Context(), operations) {
			if outcome.Err != nil {
				t.Fatalf("%d, %d: %+v", limit, i, outcome)
			}
		}
		all := len(target.alone)
		for i, n := range target.bulks {
			if all += n; n > 7 || target.sizes[i] > limit {
				t.Errorf("%d: a request of %d operations and %d bytes", limit, n, target.sizes[i])
			}
		}
		if all != len(operations) || len(target.bulks) == 0 || (limit < 2000) != (len(target.alone) > 0) {
			t.Errorf("%d: %d in %d requests, %d alone", limit, all, len(target.bulks), len(target.alone))
		}
	}
}

// TestBulkTooLarge: a target that takes less than it announces gets half as much, and that is remembered.
func TestBulkTooLarge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		refuse  func(operations, size int) int
		want    []int
		refused int
		alone   int
		facts   []string
	}{
		{"operations", func(n, _ int) int { return tooLarge(n > 30) }, []int{25, 25, 25, 25}, 3, 0, []string{"operations in one bulk request: 25"}},
		{"whatever it is", func(int, int) int { return tooLarge(true) }, nil, 4, 100, []string{"bulk requests: off"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := &strict{announces: `,"maxOperations":100,"maxPayloadSize":1000000`, refuse: test.refuse}
			c := serve(t, target.ServeHTTP)
			for i, outcome := range c.Apply(t.Context(), creates(100)) {
				if outcome.Err != nil || outcome.Target != directory.Anchor(fmt.Sprint("user ", i)) {
					t.Fatalf("%d: %+v", i, outcome)
				}
			}
			if !slices.Equal(target.bulks, test.want) || target.refused > test.refused || len(target.alone) != test.alone || !slices.Equal(facts(c), test.facts) {
				t.Errorf("%v, %d refused, %d alone, learned %q", target.bulks, target.refused, len(target.alone), facts(c))
			}
			target.refused = 0
			next := serveAs(t, target.ServeHTTP, func(o *scim.Options) { o.Learned = c.Learned().Document })
			next.Apply(t.Context(), creates(100))
			if target.refused != 0 {
				t.Errorf("%d requests are too large again", target.refused)
			}
		})
	}
}

func serveAs(t *testing.T, handler http.HandlerFunc, change func(*scim.Options)) *scim.Connector {
	t.Helper()
	options := scim.Options{BaseURL: "http://localhost/scim", BearerToken: secret.New(token), RateLimit: unlimited, Transport: handlerTransport{handler}}
	change(&options)
	c, err := scim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tooLarge(is bool) int {
	if is {
		return http.StatusRequestEntityTooLarge
	}
	return 0
}

// TestBulkThrottled: a bulk request that is one too many did nothing, and nothing of it is unknown; an operation in one that was too
// many is done in the same cycle.
func TestBulkThrottled(t *testing.T) {
	t.Parallel()
	target := &strict{refuse: func(int, int) int { return http.StatusTooManyRequests }}
	c := serve(t, target.ServeHTTP)
	for i, outcome := range c.Apply(t.Context(), creates(3)) {
		if directory.KindOf(outcome.Err) != directory.Throttled || directory.OutcomeUnknown(outcome.Err) {
			t.Errorf("%d: %+v", i, outcome)
		}
	}
	if len(target.alone) != 0 || facts(c) != nil {
		t.Errorf("alone %q, learned %q", target.alone, facts(c))
	}
	target = &strict{one: func(method, _ string) int {
		if method == http.MethodDelete {
			return 0
		}
		return http.StatusTooManyRequests
	}}
	c = serve(t, target.ServeHTTP)
	operations := append(creates(2), connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "1", Changes: changesOf(values{"title": text("Dr")})},
		connector.Operation{ID: "d", Kind: connector.Delete, Type: directory.User, Target: "2"})
	for i, outcome := range c.Apply(t.Context(), operations) {
		if outcome.Err != nil {
			t.Errorf("%d: %+v", i, outcome)
		}
	}
	if slices.Sort(target.alone); !slices.Equal(target.alone, []string{"PATCH", "POST", "POST"}) {
		t.Errorf("alone %q", target.alone)
	}
}

package scim

import (
	"net/http"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func TestBulkLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		features *connector.Features
		want     bulkLimits
	}{
		{nil, bulkLimits{}},
		{&connector.Features{MaxOperations: 10}, bulkLimits{}},
		{&connector.Features{Bulk: true, MaxOperations: 1}, bulkLimits{}},
		{&connector.Features{Bulk: true}, bulkLimits{100, 1 << 20}},
		{&connector.Features{Bulk: true, MaxOperations: 7, MaxPayloadBytes: 9000}, bulkLimits{7, 9000}},
		{&connector.Features{Bulk: true, MaxOperations: 1 << 40, MaxPayloadBytes: 1 << 40}, bulkLimits{100, 1 << 20}},
	} {
		if got := limitsOf(test.features); got != test.want {
			t.Errorf("%+v: %+v, want %+v", test.features, got, test.want)
		}
	}
	var items []bulkItem
	for i := range 10 {
		items = append(items, bulkItem{index: i, size: 100})
	}
	for _, test := range []struct {
		limits bulkLimits
		want   []int
	}{{bulkLimits{4, 1 << 20}, []int{4, 4, 2}}, {bulkLimits{100, 256 + 300}, []int{3, 3, 3, 1}}, {bulkLimits{100, 1 << 20}, []int{10}}} {
		batches := batched(items, test.limits)
		next := 0
		for i, batch := range batches {
			if i >= len(test.want) || len(batch) != test.want[i] {
				t.Fatalf("%+v: batch %d has %d", test.limits, i, len(batch))
			}
			for _, item := range batch {
				if item.index != next {
					t.Fatalf("%d instead of %d", item.index, next)
				}
				next++
			}
		}
		if next != 10 {
			t.Errorf("%+v: %d items", test.limits, next)
		}
	}
}

// FuzzDecodeBulk: whatever a target answers, an operation has one status or none, and it is one that HTTP has.
func FuzzDecodeBulk(f *testing.F) {
	for _, seed := range []string{
		`{"Operations":[{"method":"POST","bulkId":"b0","status":"201","location":"/Users/1"}]}`, `{"Operations":[{"status":{"code":"200"}},{"status":9e99},null,7]}`,
		`{"operations":[{"method":"delete","location":"https://x/Users/u%2f1","status":"204 No Content","response":{"id":7}}]}`, `{}`, `[]`, `{"Operations":{}}`,
		`{"Operations":[{"bulkId":"b0","status":"200"},{"bulkId":"b0","status":"404"}]}`,
	} {
		f.Add([]byte(seed))
	}
	at, err := endpointOf(directory.User)
	if err != nil {
		f.Fatal(err)
	}
	update := bulkItem{operation: connector.Operation{Kind: connector.Update, Target: "u/1"}, at: at, request: request{method: http.MethodPatch}}
	create := bulkItem{operation: connector.Operation{Kind: connector.Create}, at: at, request: request{method: http.MethodPost}}
	f.Fuzz(func(t *testing.T, body []byte) {
		results, err := decodeBulk(body)
		if err != nil {
			return
		}
		for _, item := range []bulkItem{update, create} {
			result, found := answerFor(results, item)
			if found && (result.status < 100 || result.status > 599) {
				t.Errorf("status %d", result.status)
			}
			if found && item.request.method == http.MethodPost && result.bulkID != item.id() {
				t.Errorf("a create has the answer of %q", result.bulkID)
			}
			result.answer("/Bulk")
		}
	})
}

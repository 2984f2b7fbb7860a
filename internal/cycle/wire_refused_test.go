package cycle_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// refusing is a wiki that answers 400 to every PATCH with a word in it, also to one in a bulk request.
type refusing struct {
	app  *wikiapp.App
	word string
	// patches are how many it refused, bulks the bulk requests.
	patches, bulks atomic.Int64
}

func (s *refusing) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case strings.HasSuffix(r.URL.Path, "/Bulk"):
		s.bulks.Add(1)
		s.bulk(out, r, body)
	case r.Method == http.MethodPatch && s.word != "" && bytes.Contains(body, []byte(s.word)):
		s.patches.Add(1)
		out.Header().Set("Content-Type", "application/scim+json")
		out.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(out, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue"}`)
	default:
		s.app.ServeHTTP(out, r)
	}
}

// bulk does one operation after the other.
func (s *refusing) bulk(out http.ResponseWriter, r *http.Request, body []byte) {
	var asked struct {
		Operations []struct {
			Method, BulkID, Path string
			Data                 json.RawMessage
		}
	}
	_ = json.Unmarshal(body, &asked)
	var results []map[string]any
	for _, operation := range asked.Operations {
		one := r.Clone(r.Context())
		one.Method, one.Body, one.ContentLength = operation.Method, io.NopCloser(bytes.NewReader(operation.Data)), int64(len(operation.Data))
		one.URL.Path = strings.TrimSuffix(r.URL.Path, "/Bulk") + operation.Path
		recorder := httptest.NewRecorder()
		s.ServeHTTP(recorder, one)
		result := map[string]any{"method": operation.Method, "bulkId": operation.BulkID, "status": fmt.Sprint(recorder.Code), "location": recorder.Header().Get("Location")}
		if recorder.Body.Len() > 0 {
			result["response"] = json.RawMessage(recorder.Body.Bytes())
		}
		results = append(results, result)
	}
	out.Header().Set("Content-Type", "application/scim+json")
	_ = json.NewEncoder(out).Encode(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:BulkResponse"}, "Operations": results})
}

// lines renders the accounts.
func (s *refusing) lines() string {
	users := s.app.Users()
	names := map[string]string{}
	for _, user := range users {
		names[user.ID] = user.UserName
	}
	var all []string
	for _, user := range users {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %t %s %s %s", user.UserName, user.Active, user.Department, user.Title, names[user.ManagerID])))
	}
	return strings.Join(all, "\n")
}

// TestRefusedOverHTTP: a server refuses one title. Everything else of that day is written, alone and in bulk requests, and only
// the title is tried again.
func TestRefusedOverHTTP(t *testing.T) {
	t.Parallel()
	for _, bulk := range []int{0, 50} {
		t.Run(fmt.Sprintf("bulk of %d", bulk), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { refuseOverHTTP(t, bulk) })
		})
	}
}

func refuseOverHTTP(t *testing.T, bulk int) {
	t.Helper()
	w := newWorld(t)
	server := &refusing{app: wikiapp.New(wikiapp.Options{Token: wireToken, BulkOperations: bulk})}
	w.connectTo(server, 2)
	d := titled(func(d *job.Definition) {
		users := &d.Mappings[0]
		users.Attributes = append([]job.AttributeMapping{}, users.Attributes...)
		for i := range users.Attributes {
			if users.Attributes[i].Target == "department" {
				users.Attributes[i].Target = enterpriseUser + ":department"
			}
		}
	})
	clerk := withTitle("Clerk")
	w.source.Put(person("ada", "Sales", clerk), person("bob", "Sales", clerk), person("cyn", "Sales", clerk), person("eve", "Sales", clerk))
	w.commit(d)

	// ada gets a manager and a new department, cyn is switched off, bob only gets the title; eve takes another.
	server.word = "Boss"
	boss := withTitle("Boss")
	w.source.Put(person("ada", "HR", boss, managedBy("eve")), person("bob", "Sales", boss, managedBy("eve")), person("cyn", "Gone", boss), person("eve", "Sales", withTitle("Chief")))
	report := w.commit(d)
	want := []string{
		"ada@example.com true HR Clerk eve@example.com", "bob@example.com true Sales Clerk eve@example.com", "cyn@example.com false Gone Clerk", "eve@example.com true Sales Chief",
	}
	if got := server.lines(); got != strings.Join(want, "\n") {
		t.Fatalf("want:\n%s\ngot:\n%s", strings.Join(want, "\n"), got)
	}
	if n := report.Cycle.Counts; n.Updated != 2 || n.Disabled != 1 || n.Failed != 3 || n.ReferencesFailed != 2 || len(report.Executed) != 1 {
		t.Fatalf("%+v", report)
	}
	first := w.escrows()
	for _, escrow := range first {
		if escrow.Code != "AttributeRefused" || escrow.Message != titleRefused {
			t.Errorf("%+v", escrow)
		}
	}
	if preview := w.preview(d); len(first) != 3 || preview.Changes != (cycle.Changes{Updates: 3}) || len(preview.Affected) > 0 {
		t.Fatalf("escrows %+v, preview %+v", first, preview)
	}

	refused := server.patches.Load()
	if report := w.run(); report.FailureCount > 0 || server.patches.Load() != refused {
		t.Fatalf("not due: %+v", report)
	}
	w.reach(first[2].FirstFailure, 6*time.Hour)
	if report := w.run(); report.FailureCount != 3 || server.patches.Load() == refused || server.lines() != strings.Join(want, "\n") {
		t.Fatalf("%+v\n%s", report, server.lines())
	}
	if (server.bulks.Load() > 0) != (bulk > 0) {
		t.Fatalf("%d bulk requests", server.bulks.Load())
	}

	// Who may be Boss by now is one; the others change their minds.
	server.word = ""
	w.source.Put(person("bob", "Sales", clerk, managedBy("eve")), person("cyn", "Sales", clerk))
	w.reach(first[2].FirstFailure, 12*time.Hour)
	report = w.run()
	want[0], want[2] = "ada@example.com true HR Boss eve@example.com", "cyn@example.com true Sales Clerk"
	if got := server.lines(); got != strings.Join(want, "\n") || report.FailureCount > 0 || len(w.escrows()) > 0 {
		t.Fatalf("%+v, want:\n%s\ngot:\n%s", report, strings.Join(want, "\n"), got)
	}
	if preview := w.preview(d); preview.Changes != (cycle.Changes{}) {
		t.Fatalf("%+v", preview)
	}
}

package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/api"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 5_000_000, time.UTC)

// memory is a store with jobs in it and the client of an engine on it.
type memory struct {
	store  *sqlstore.Store
	client provisioningv1connect.OperationServiceClient
}

func newMemory(t *testing.T, definitions ...job.Definition) memory {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, definition := range definitions {
		if _, err := s.CommitJob(t.Context(), definition, 0, false, noon); err != nil {
			t.Fatal(err)
		}
	}
	ids := 0
	handler := api.NewHandler(&cycle.Engine{Store: s, Now: func() time.Time { return noon }, Logger: slog.New(slog.DiscardHandler), NewID: func() string {
		ids++
		return fmt.Sprint("id-", ids)
	}})
	return memory{store: s, client: provisioningv1connect.NewOperationServiceClient(&http.Client{Transport: api.InProcess{Handler: handler}}, "http://engine.invalid")}
}

// record stores a batch for wiki/main.
func (m memory) record(t *testing.T, batch store.Batch) {
	t.Helper()
	const jobID = "wiki/main"
	fence, err := m.store.Lease(t.Context(), jobID, "test", noon, time.Minute)
	if err == nil {
		err = m.store.Record(t.Context(), jobID, fence, batch)
	}
	if err == nil {
		err = m.store.Release(t.Context(), jobID, "test")
	}
	if err != nil {
		t.Fatal(err)
	}
}

func wiki(state job.DesiredState) job.Definition {
	return job.Definition{ID: "wiki/main", State: state, Mappings: []job.Mapping{{
		ObjectType: directory.User, Enabled: true, Attributes: []job.AttributeMapping{
			{Target: "userName", Expression: "[userPrincipalName]"}, {Target: "password", Expression: "Redact([initial])"},
			{Target: `emails[type eq "work"].value`, Expression: "[mail]"},
		},
	}}}
}

func entry(change string, after time.Duration) provlog.Record {
	return provlog.Record{ChangeID: change, CycleID: "c1", JobID: "wiki/main", Time: noon.Add(after), Action: provlog.ActionCreate,
		Status: provlog.StatusSuccess, ObjectType: directory.User, Source: directory.Anchor("id-" + change), SourceName: change}
}

// refused checks the code of an error and that its message says something.
func refused(t *testing.T, err error, code connect.Code, says string) {
	t.Helper()
	if connect.CodeOf(err) != code || err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want %s and %q", err, code, says)
	}
}

func TestListLogsTranslatesRecords(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	m.record(t, store.Batch{Log: []provlog.Record{{
		ChangeID: "c1-1", CycleID: "c1", JobID: "wiki/main", Time: noon, Action: provlog.ActionUpdate, Status: provlog.StatusFailure, ObjectType: directory.User,
		Source: "a", SourceName: "ann", Target: "t", ErrorCode: "DuplicateTargetEntries", Reason: "two\xffaccounts", DurationMS: 7,
		InitiatedBy: provlog.InitiatorCommit,
		Steps:       []provlog.Step{{Name: "n", Type: provlog.StepExport, Status: provlog.StatusFailure, Description: "d", Details: map[string]string{"k": "v"}}},
		Modified:    []provlog.ModifiedProperty{{DisplayName: "password", OldValue: provlog.Redacted, NewValue: provlog.Redacted}},
	}}})
	answer, err := m.client.ListLogs(t.Context(), connect.NewRequest(&provisioningv1.ListLogsRequest{}))
	if err != nil {
		t.Fatal(err)
	}
	want := &provisioningv1.ListLogsResponse{Records: []*provisioningv1.LogRecord{{
		ChangeId: "c1-1", CycleId: "c1", JobId: "wiki/main", Time: timestamppb.New(noon), Action: "update", Status: "failure", ObjectType: "user",
		SourceId: "a", SourceName: "ann", TargetId: "t", ErrorCode: "DuplicateTargetEntries", Reason: "two\ufffdaccounts", DurationMs: 7, InitiatedBy: "commit",
		RecommendedAction: "Remove the duplicates in the target, or match by an attribute that is unique.",
		Steps:             []*provisioningv1.LogStep{{Name: "n", Type: "export", Status: "failure", Description: "d", Details: map[string]string{"k": "v"}}},
		Modified:          []*provisioningv1.ModifiedProperty{{DisplayName: "password", OldValue: "[Redact]", NewValue: "[Redact]"}},
	}}}
	if diff := cmp.Diff(want, answer.Msg, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every filter of the request reaches the store: each alone leaves the one record it is about.
func TestListLogsFilters(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	odd := entry("odd", time.Hour)
	odd.CycleID, odd.Action, odd.Status, odd.ObjectType, odd.ErrorCode = "c2", provlog.ActionDelete, provlog.StatusWarning, directory.Group, "Conflict"
	m.record(t, store.Batch{Log: []provlog.Record{entry("a", 0), odd, entry("b", 2*time.Hour)}})
	for name, request := range map[string]*provisioningv1.ListLogsRequest{
		"times":   {Since: timestamppb.New(noon.Add(time.Hour)), Until: timestamppb.New(noon.Add(time.Hour + time.Millisecond))},
		"actions": {Actions: []string{"delete", "disable"}},
		"status":  {Statuses: []string{"warning"}},
		"type":    {ObjectType: "group"},
		"id":      {Object: "id-odd"},
		"name":    {Object: "odd"},
		"cycle":   {CycleId: "c2"},
		"change":  {ChangeId: "odd"},
		"code":    {ErrorCode: "Conflict"},
	} {
		answer, err := m.client.ListLogs(t.Context(), connect.NewRequest(request))
		if err != nil || len(answer.Msg.GetRecords()) != 1 || answer.Msg.GetRecords()[0].GetChangeId() != "odd" || answer.Msg.GetNextPageToken() != "" {
			t.Errorf("%s: got %v, %v", name, answer, err)
		}
	}
}

func TestListLogsPages(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	var log []provlog.Record
	for i := range 1500 {
		log = append(log, entry(fmt.Sprintf("%04d", i), time.Duration(i/3)*time.Millisecond))
	}
	m.record(t, store.Batch{Log: log})
	page := func(size int32, token string) *provisioningv1.ListLogsResponse {
		t.Helper()
		answer, err := m.client.ListLogs(t.Context(), connect.NewRequest(&provisioningv1.ListLogsRequest{JobId: "wiki/main", PageSize: size, PageToken: token}))
		if err != nil {
			t.Fatal(err)
		}
		return answer.Msg
	}
	for size, want := range map[int32]int{0: 100, 7: 7, 1000: 1000, 5000: 1000} {
		if got := len(page(size, "").GetRecords()); got != want {
			t.Errorf("page size %d gives %d records, want %d", size, got, want)
		}
	}
	var met []string
	added := false
	for token := ""; ; {
		answer := page(700, token)
		for _, record := range answer.GetRecords() {
			met = append(met, record.GetChangeId())
		}
		if token = answer.GetNextPageToken(); token == "" {
			break
		}
		if !added {
			m.record(t, store.Batch{Log: []provlog.Record{entry("late", time.Hour)}})
			added = true
		}
	}
	want := []string{}
	for _, record := range log {
		want = append(want, record.ChangeID)
	}
	if diff := cmp.Diff(append(want, "late"), met); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A page that ends with the last record has no successor.
	if token := page(1000, page(501, "").GetNextPageToken()).GetNextPageToken(); token != "" {
		t.Errorf("the last page has the token %q", token)
	}
}

func TestListLogsRefuses(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	m.record(t, store.Batch{Log: []provlog.Record{entry("a", 0), entry("b", 0)}})
	first, err := m.client.ListLogs(t.Context(), connect.NewRequest(&provisioningv1.ListLogsRequest{PageSize: 1}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		request *provisioningv1.ListLogsRequest
		code    connect.Code
		says    string
	}{
		{&provisioningv1.ListLogsRequest{JobId: "wiki/typo"}, connect.CodeNotFound, "wiki/typo"},
		{&provisioningv1.ListLogsRequest{Actions: []string{"Delete"}}, connect.CodeInvalidArgument, `no action "Delete"; use create, update, delete`},
		{&provisioningv1.ListLogsRequest{Statuses: []string{"failed"}}, connect.CodeInvalidArgument, `no status "failed"`},
		{&provisioningv1.ListLogsRequest{ObjectType: "users"}, connect.CodeInvalidArgument, `no object type "users"`},
		{&provisioningv1.ListLogsRequest{PageSize: -1}, connect.CodeInvalidArgument, "page_size is -1"},
		{&provisioningv1.ListLogsRequest{Since: &timestamppb.Timestamp{Nanos: -1}}, connect.CodeInvalidArgument, "since is not a time"},
		{&provisioningv1.ListLogsRequest{PageToken: "nonsense"}, connect.CodeInvalidArgument, "page_token"},
		{&provisioningv1.ListLogsRequest{PageToken: first.Msg.GetNextPageToken(), Object: "b"}, connect.CodeInvalidArgument, "page_token"},
	} {
		_, err := m.client.ListLogs(t.Context(), connect.NewRequest(c.request))
		refused(t, err, c.code, c.says)
	}
}

// The only job need not be named; among several, or none, nobody guesses.
func TestTheOnlyJob(t *testing.T) {
	t.Parallel()
	second := wiki(job.Started)
	second.ID = "crm/main"
	for _, c := range []struct {
		definitions []job.Definition
		code        connect.Code
		says        string
	}{
		{nil, connect.CodeNotFound, "no job"},
		{[]job.Definition{wiki(job.Started), second}, connect.CodeInvalidArgument, "2 jobs, so the request must name one: crm/main, wiki/main"},
	} {
		m := newMemory(t, c.definitions...)
		_, err := m.client.ListLogs(t.Context(), connect.NewRequest(&provisioningv1.ListLogsRequest{}))
		refused(t, err, c.code, c.says)
		_, err = m.client.ListLinks(t.Context(), connect.NewRequest(&provisioningv1.ListLinksRequest{}))
		refused(t, err, c.code, c.says)
	}
}

// The log of a destroyed job can still be read.
func TestListLogsOfADestroyedJob(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	m.record(t, store.Batch{Log: []provlog.Record{entry("a", 0)}})
	fence, err := m.store.Lease(t.Context(), "wiki/main", "test", noon, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.store.DeleteJob(t.Context(), "wiki/main", fence); err != nil {
		t.Fatal(err)
	}
	for object, want := range map[string]int{"": 1, "nobody": 0} {
		answer, err := m.client.ListLogs(t.Context(), connect.NewRequest(&provisioningv1.ListLogsRequest{JobId: "wiki/main", Object: object}))
		if err != nil || len(answer.Msg.GetRecords()) != want {
			t.Errorf("object %q: %v, %v; want %d records", object, answer, err, want)
		}
	}
}

func accountLink(objectType directory.ObjectType, source, target directory.Anchor, name string) store.Link {
	return store.Link{LinkKey: store.LinkKey{Type: objectType, Source: source}, Target: target, MatchKey: name, Name: name, Managed: true, Active: true,
		Exported: map[string]directory.Value{}, LinkedAt: noon}
}

func TestListLinks(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	ann, bob, staff := accountLink(directory.User, "a", "t-a", "Ann"), accountLink(directory.User, "b", "t-b", "bob"), accountLink(directory.Group, "g", "t-g", "Staff")
	bob.Managed, bob.Active = false, false
	ann.Exported = map[string]directory.Value{
		"userName": directory.Text("ann<&>"), "password": directory.Text("hunter2"), "active": directory.Boolean(true),
		`emails[type eq "work"].value`: directory.Text("ann@example.com"), "left": directory.Text("hunter3"),
	}
	m.record(t, store.Batch{PutLinks: []store.Link{ann, bob, staff}})
	message := func(objectType, source, target, name, exported string, managed bool) *provisioningv1.Link {
		return &provisioningv1.Link{ObjectType: objectType, SourceId: source, TargetId: target, Name: name, Managed: managed, Active: managed,
			LinkedAt: timestamppb.New(noon), ExportedJson: exported}
	}
	wantAnn := message("user", "a", "t-a", "Ann",
		`{"active":true,"emails[type eq \"work\"].value":"ann@example.com","left":"[Redact]","password":"[Redact]","userName":"ann<&>"}`, true)
	wantBob, wantStaff := message("user", "b", "t-b", "bob", "{}", false), message("group", "g", "t-g", "Staff", "{}", true)
	yes, no := true, false
	for _, c := range []struct {
		name    string
		request *provisioningv1.ListLinksRequest
		want    []*provisioningv1.Link
	}{
		{"all", &provisioningv1.ListLinksRequest{}, []*provisioningv1.Link{wantStaff, wantAnn, wantBob}},
		{"type", &provisioningv1.ListLinksRequest{ObjectType: "user"}, []*provisioningv1.Link{wantAnn, wantBob}},
		{"managed", &provisioningv1.ListLinksRequest{Managed: &yes, ObjectType: "user"}, []*provisioningv1.Link{wantAnn}},
		{"not active", &provisioningv1.ListLinksRequest{Active: &no}, []*provisioningv1.Link{wantBob}},
		{"name", &provisioningv1.ListLinksRequest{NamePrefix: "BO"}, []*provisioningv1.Link{wantBob}},
	} {
		for _, size := range []int32{0, 1} {
			var got []*provisioningv1.Link
			c.request.PageSize, c.request.PageToken = size, ""
			for range 5 {
				answer, err := m.client.ListLinks(t.Context(), connect.NewRequest(c.request))
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, answer.Msg.GetLinks()...)
				if c.request.PageToken = answer.Msg.GetNextPageToken(); c.request.PageToken == "" {
					break
				}
			}
			if diff := cmp.Diff(c.want, got, protocmp.Transform()); diff != "" {
				t.Errorf("%s by %d (-want +got):\n%s", c.name, size, diff)
			}
		}
	}
	_, err := m.client.ListLinks(t.Context(), connect.NewRequest(&provisioningv1.ListLinksRequest{JobId: "wiki/typo"}))
	refused(t, err, connect.CodeNotFound, "wiki/typo")
}

func TestGetLink(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	m.record(t, store.Batch{PutLinks: []store.Link{
		accountLink(directory.User, "a", "t-a", "ann"), accountLink(directory.User, "b", "a", "bob"), accountLink(directory.Group, "t-a", "t-g", "staff"),
	}})
	for _, c := range []struct{ objectType, id, want string }{
		{"", "a", "ann"},       // bob's target id as well: the source id wins
		{"user", "t-a", "ann"}, // a target id
		{"", "t-a", "staff"},   // a group's source id before a user's target id
		{"group", "t-g", "staff"},
	} {
		answer, err := m.client.GetLink(t.Context(), connect.NewRequest(&provisioningv1.GetLinkRequest{ObjectType: c.objectType, Id: c.id}))
		if err != nil || answer.Msg.GetLink().GetName() != c.want {
			t.Errorf("%s %s: got %v, %v, want %s", c.objectType, c.id, answer, err, c.want)
		}
	}
	for _, id := range []string{"A", "", "nobody"} {
		_, err := m.client.GetLink(t.Context(), connect.NewRequest(&provisioningv1.GetLinkRequest{Id: id}))
		refused(t, err, connect.CodeNotFound, "compared exactly")
	}
}

func TestDeleteLink(t *testing.T) {
	t.Parallel()
	request := func(objectType, source string) *connect.Request[provisioningv1.DeleteLinkRequest] {
		return connect.NewRequest(&provisioningv1.DeleteLinkRequest{ObjectType: objectType, SourceId: source})
	}
	links := func(m memory) int {
		t.Helper()
		found, err := m.store.SearchLinks(context.Background(), "wiki/main", store.LinkQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	batch := store.Batch{
		PutLinks:  []store.Link{accountLink(directory.User, "a", "t-a", "ann"), accountLink(directory.User, "b", "t-b", "bob")},
		Watermark: &store.Watermark{CopyID: "hr@1", Position: 7},
	}

	running := newMemory(t, wiki(job.Started))
	running.record(t, batch)
	for _, source := range []string{"a", "nobody"} {
		_, err := running.client.DeleteLink(t.Context(), request("user", source))
		refused(t, err, connect.CodeFailedPrecondition, "is not paused")
	}
	if got := links(running); got != 2 {
		t.Errorf("%d links are left, want 2", got)
	}

	paused := newMemory(t, wiki(job.Paused))
	paused.record(t, batch)
	watermark := func() int64 {
		record, err := paused.store.GetJob(t.Context(), "wiki/main")
		if err != nil {
			t.Fatal(err)
		}
		return record.Watermark
	}
	if _, err := paused.client.DeleteLink(t.Context(), request("user", "nobody")); err != nil || links(paused) != 2 || watermark() != 7 {
		t.Errorf("deleting what is not there: %v, %d links, watermark %d; want 2 and 7", err, links(paused), watermark())
	}
	// The next cycle must look at everybody: the source says nothing new of this object.
	if _, err := paused.client.DeleteLink(t.Context(), request("user", "a")); err != nil || links(paused) != 1 || watermark() != 0 {
		t.Errorf("deleting a link: %v, %d links, watermark %d; want 1 and 0", err, links(paused), watermark())
	}
	for _, incomplete := range [][2]string{{"", "b"}, {"user", ""}, {"users", "b"}} {
		_, err := paused.client.DeleteLink(t.Context(), request(incomplete[0], incomplete[1]))
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%q: got %v, want invalid argument", incomplete, err)
		}
	}
}

package api_test

import (
	"fmt"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// stage puts deprovisionings of users and groups into the job, "user/a" for a link named a@example.com.
func (m memory) stage(t *testing.T, sources ...store.LinkKey) {
	t.Helper()
	var batch store.Batch
	for _, key := range sources {
		batch.PutLinks = append(batch.PutLinks, store.Link{LinkKey: key, Target: "t", Name: string(key.Source) + "@example.com", Managed: true, LinkedAt: noon})
		batch.PutStaged = append(batch.PutStaged, store.Staged{
			LinkKey: key, Action: "disable", Event: "unassigned", Reason: "no longer assigned", Held: true, CycleID: "c1", Since: noon.Add(-time.Hour),
		})
	}
	m.record(t, batch)
}

func userKey(source string) store.LinkKey {
	return store.LinkKey{Type: directory.User, Source: directory.Anchor(source)}
}

func groupKey(source string) store.LinkKey {
	return store.LinkKey{Type: directory.Group, Source: directory.Anchor(source)}
}

func subjects(pairs ...string) []*provisioningv1.Subject {
	var made []*provisioningv1.Subject
	for i := 0; i < len(pairs); i += 2 {
		made = append(made, &provisioningv1.Subject{ObjectType: pairs[i], Id: pairs[i+1]})
	}
	return made
}

// disables are choices that were shown as disables.
func disables(pairs ...string) []*provisioningv1.StagedChoice {
	var made []*provisioningv1.StagedChoice
	for _, subject := range subjects(pairs...) {
		made = append(made, &provisioningv1.StagedChoice{ObjectType: subject.GetObjectType(), Id: subject.GetId(), Action: "disable"})
	}
	return made
}

func (m memory) decide(t *testing.T, request *provisioningv1.DecideStagedRequest) (int64, error) {
	t.Helper()
	answer, err := m.client.DecideStaged(t.Context(), connect.NewRequest(request))
	if err != nil {
		return 0, err
	}
	return answer.Msg.GetDecidedCount(), nil
}

// decisions lists what was decided about each staged deprovisioning.
func (m memory) decisions(t *testing.T) map[string]string {
	t.Helper()
	answer, err := m.client.ListStaged(t.Context(), connect.NewRequest(&provisioningv1.ListStagedRequest{JobId: "wiki/main"}))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, staged := range answer.Msg.GetStaged() {
		got[staged.GetObjectType()+"/"+staged.GetSourceId()] = staged.GetDecision()
	}
	return got
}

func TestListStaged(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	m.stage(t, userKey("b"), groupKey("g"), userKey("a"))
	if _, err := m.decide(t, &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: disables("user", "b")}); err != nil {
		t.Fatal(err)
	}
	staged := func(objectType, source string) *provisioningv1.Staged {
		return &provisioningv1.Staged{
			ObjectType: objectType, SourceId: source, Name: source + "@example.com", Action: "disable", Event: "unassigned",
			Reason: "no longer assigned", Held: true, Since: timestamppb.New(noon.Add(-time.Hour)),
		}
	}
	approved := staged("user", "b")
	approved.Decision, approved.ExpiresAt = "approved", timestamppb.New(noon.Add(72*time.Hour))
	var got []*provisioningv1.Staged
	for token, pages := "", 0; pages == 0 || token != ""; pages++ {
		answer, err := m.client.ListStaged(t.Context(), connect.NewRequest(&provisioningv1.ListStagedRequest{PageSize: 2, PageToken: token}))
		if err != nil || answer.Msg.GetTotalCount() != 3 {
			t.Fatalf("got %v, %v", answer, err)
		}
		got = append(got, answer.Msg.GetStaged()...)
		token = answer.Msg.GetNextPageToken()
	}
	want := []*provisioningv1.Staged{staged("group", "g"), staged("user", "a"), approved}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecideStaged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		request *provisioningv1.DecideStagedRequest
		count   int64
		want    map[string]string
	}{
		{"all", &provisioningv1.DecideStagedRequest{Decision: "reject", All: true}, 3, map[string]string{"group/g": "rejected", "user/a": "rejected", "user/b": "rejected"}},
		{"by id", &provisioningv1.DecideStagedRequest{Decision: "reject", Subjects: subjects("user", "a")}, 1, map[string]string{"group/g": "", "user/a": "rejected", "user/b": ""}},
		{"by name, whatever the case", &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: disables("user", "A@Example.com")}, 1,
			map[string]string{"group/g": "", "user/a": "approved", "user/b": ""}},
		{"without a type", &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: disables("", "g")}, 1, map[string]string{"group/g": "approved", "user/a": "", "user/b": ""}},
		{"twice the same", &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: disables("", "b", "user", "b@example.com")}, 1,
			map[string]string{"group/g": "", "user/a": "", "user/b": "approved"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := newMemory(t, wiki(job.Started))
			m.stage(t, userKey("a"), userKey("b"), groupKey("g"))
			count, err := m.decide(t, test.request)
			if err != nil || count != test.count {
				t.Fatalf("decided %d, %v", count, err)
			}
			if diff := cmp.Diff(test.want, m.decisions(t)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecideStagedRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		request *provisioningv1.DecideStagedRequest
		code    connect.Code
		says    string
	}{
		{"another word", &provisioningv1.DecideStagedRequest{Decision: "approved", All: true}, connect.CodeInvalidArgument, `approve or reject, not "approved"`},
		{"nobody", &provisioningv1.DecideStagedRequest{Decision: "approve"}, connect.CodeInvalidArgument, "say which"},
		{"all and some", &provisioningv1.DecideStagedRequest{Decision: "reject", All: true, Subjects: subjects("user", "a")}, connect.CodeInvalidArgument, "not both"},
		{"a stranger", &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: disables("user", "a", "user", "z")}, connect.CodeNotFound, "nothing is staged for user z"},
		{"another type", &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: disables("group", "a")}, connect.CodeNotFound, "nothing is staged for group a"},
		{"no such type", &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: disables("robot", "a")}, connect.CodeInvalidArgument, `"robot"`},
		{"two of them", &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: disables("", "same")}, connect.CodeInvalidArgument, "same means 2"},
		{"approve all unseen", &provisioningv1.DecideStagedRequest{Decision: "approve", All: true}, connect.CodeInvalidArgument, "what was shown"},
		{"approve without what was shown", &provisioningv1.DecideStagedRequest{Decision: "approve", Subjects: subjects("user", "a")}, connect.CodeInvalidArgument, "whether user a is to be disabled or deleted"},
		{"something else was shown", &provisioningv1.DecideStagedRequest{Decision: "approve", Choices: append(disables("user", "a"), &provisioningv1.StagedChoice{ObjectType: "user", Id: "same", Action: "delete"})},
			connect.CodeFailedPrecondition, "what waits for user same is a disable (no longer assigned), not a delete"},
		{"no action that waits", &provisioningv1.DecideStagedRequest{Decision: "reject", Choices: []*provisioningv1.StagedChoice{{Id: "a", Action: "create"}}}, connect.CodeInvalidArgument, `"create"`},
		{"no such job", &provisioningv1.DecideStagedRequest{JobId: "wiki/other", Decision: "reject", All: true}, connect.CodeNotFound, "wiki/other"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := newMemory(t, wiki(job.Started))
			m.stage(t, userKey("a"), userKey("same"), groupKey("same"))
			_, err := m.decide(t, test.request)
			refused(t, err, test.code, test.says)
			for key, decision := range m.decisions(t) {
				if decision != "" {
					t.Errorf("%s was %s", key, decision)
				}
			}
		})
	}
}

// A decision is logged, and a job that waits only for it is due at once.
func TestDecideStagedWakesTheJob(t *testing.T) {
	t.Parallel()
	m := newMemory(t, wiki(job.Started))
	m.stage(t, userKey("a"))
	imposed := engine.Quarantine{}.Impose(engine.Cause{Reason: engine.QuarantineDeletes}, noon.Add(-time.Hour))
	m.record(t, store.Batch{Quarantine: &imposed})
	if _, err := m.decide(t, &provisioningv1.DecideStagedRequest{Decision: "reject", All: true}); err != nil {
		t.Fatal(err)
	}
	record, err := m.store.GetJob(t.Context(), "wiki/main")
	if err != nil {
		t.Fatal(err)
	}
	imposed.NextAttempt = noon
	if diff := cmp.Diff(imposed, record.Quarantine); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	logged, err := m.store.ListLog(t.Context(), "wiki/main", 10)
	if err != nil || len(logged) != 1 || fmt.Sprint(logged[0].Action, " ", logged[0].Reason) != "stageddelete disable was rejected (no longer assigned)" {
		t.Errorf("log %+v, %v", logged, err)
	}
}

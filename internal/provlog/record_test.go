package provlog_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

// The stored form of a record: whoever reads a log written by an older version relies on these names (engine.md 23).
func TestRecordJSON(t *testing.T) {
	t.Parallel()
	full := provlog.Record{
		ChangeID: "c-1", CycleID: "c", JobID: "wiki/main", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Action: provlog.ActionDisable,
		Status: provlog.StatusSuccess, ObjectType: directory.User, Source: "u-ada", SourceName: "ada@example.com", Target: "t-ada", ErrorCode: "E", Reason: "why",
		Steps: []provlog.Step{
			{Name: "EntryImport", Type: provlog.StepImport, Status: provlog.StatusSuccess, Description: "read"},
			{Name: "EntrySynchronizationSkip", Type: provlog.StepExport, Status: provlog.StatusSkipped, Description: "", Details: map[string]string{"b": "2", "a": "1"}},
		},
		Modified:   []provlog.ModifiedProperty{{DisplayName: "active", OldValue: "True", NewValue: "False"}, {DisplayName: "title"}},
		DurationMS: 17, InitiatedBy: provlog.InitiatorCommit,
	}
	tests := []struct {
		name   string
		record provlog.Record
		want   string
	}{
		{"full", full, `{"changeId":"c-1","cycleId":"c","jobId":"wiki/main","activityDateTime":"2026-01-02T03:04:05.000000006Z","provisioningAction":"disable","status":"success",` +
			`"objectType":"user","sourceId":"u-ada","sourceName":"ada@example.com","targetId":"t-ada","errorCode":"E","reason":"why","provisioningSteps":[` +
			`{"name":"EntryImport","type":"import","status":"success","description":"read"},` +
			`{"name":"EntrySynchronizationSkip","type":"export","status":"skipped","description":"","details":{"a":"1","b":"2"}}],` +
			`"modifiedProperties":[{"displayName":"active","oldValue":"True","newValue":"False"},{"displayName":"title"}],"durationInMilliseconds":17,"initiatedBy":"commit"}`},
		{"least", provlog.Record{}, `{"changeId":"","cycleId":"","jobId":"","activityDateTime":"0001-01-01T00:00:00Z","provisioningAction":"","status":"","objectType":"","sourceId":""}`},
	}
	for _, test := range tests {
		document, err := json.Marshal(test.record)
		if diff := cmp.Diff(test.want, string(document)); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", test.name, err, diff)
		}
		var back provlog.Record
		if err := json.Unmarshal(document, &back); err != nil || cmp.Diff(test.record, back) != "" {
			t.Errorf("%s: read back %+v, %v", test.name, back, err)
		}
	}
}

// A record as the first version stored it.
func TestOldRecord(t *testing.T) {
	t.Parallel()
	const stored = `{"changeId":"c-1","cycleId":"c","jobId":"wiki/main","activityDateTime":"2026-01-02T03:04:05.006Z","provisioningAction":"disable","status":"success",` +
		`"objectType":"user","sourceId":"u-ada","sourceName":"ada@example.com","targetId":"t-ada"}`
	want := provlog.Record{
		ChangeID: "c-1", CycleID: "c", JobID: "wiki/main", Time: time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC), Action: provlog.ActionDisable,
		Status: provlog.StatusSuccess, ObjectType: directory.User, Source: "u-ada", SourceName: "ada@example.com", Target: "t-ada",
	}
	var got provlog.Record
	if err := json.Unmarshal([]byte(stored), &got); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("read %+v, %v", got, err)
	}
}

package provlog_test

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

// failed is a record with everything in it, and least one with next to nothing.
func failed() provlog.Record {
	return provlog.Record{
		ChangeID: "c-1", CycleID: "c", JobID: "wiki/main", Time: time.Date(2026, 1, 2, 4, 4, 5, 6_000_000, time.FixedZone("CET", 3600)),
		Action: provlog.ActionUpdate, Status: provlog.StatusFailure, ObjectType: directory.User, Source: "u-ada", SourceName: "=cmd|'/c calc'!A1",
		Target: "t-ada", ErrorCode: "Conflict", Reason: "409 <taken>\nby \"bob\"",
		Steps: []provlog.Step{
			{Name: "EntryImport", Type: provlog.StepImport, Status: provlog.StatusSuccess, Description: "read"},
			{Name: "EntryExportUpdate", Type: provlog.StepExport, Status: provlog.StatusFailure, Description: "-1", Details: map[string]string{"b": "2", "a": "1"}},
		},
		Modified: []provlog.ModifiedProperty{
			{DisplayName: "password", OldValue: provlog.Redacted, NewValue: provlog.Redacted}, {DisplayName: "phone", OldValue: "@x", NewValue: "+49 1"},
		},
		DurationMS: 17, InitiatedBy: provlog.InitiatorCycle,
	}
}

func least() provlog.Record {
	return provlog.Record{ChangeID: "c-2", CycleID: "c", JobID: "wiki/main", Time: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC),
		Action: provlog.ActionCreate, Status: provlog.StatusSuccess, ObjectType: directory.Group, Source: "g"}
}

const advice = "Change the value in the source, or the mapping that makes it, or the matching attributes; the next cycle tries again."

func TestWriteJSONLines(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	if err := provlog.WriteJSONLines(&got, []provlog.Record{failed(), least()}); err != nil {
		t.Fatal(err)
	}
	want := `{"changeId":"c-1","cycleId":"c","jobId":"wiki/main","activityDateTime":"2026-01-02T03:04:05.006Z","provisioningAction":"update",` +
		`"durationInMilliseconds":17,"initiatedBy":{"displayName":"cycle","initiatorType":"system"},` +
		`"sourceIdentity":{"id":"u-ada","displayName":"=cmd|'/c calc'!A1","identityType":"user"},` +
		`"targetIdentity":{"id":"t-ada","displayName":"=cmd|'/c calc'!A1","identityType":"user"},` +
		`"provisioningStatusInfo":{"status":"failure","errorInformation":{"errorCode":"Conflict","reason":"409 <taken>\nby \"bob\"",` +
		`"errorCategory":"nonServiceFailure","recommendedAction":"` + advice + `"}},"provisioningSteps":[` +
		`{"name":"EntryImport","provisioningStepType":"import","status":"success","description":"read","details":{}},` +
		`{"name":"EntryExportUpdate","provisioningStepType":"export","status":"failure","description":"-1","details":{"a":"1","b":"2"}}],` +
		`"modifiedProperties":[{"displayName":"password","oldValue":"[Redact]","newValue":"[Redact]"},` +
		`{"displayName":"phone","oldValue":"@x","newValue":"+49 1"}]}` + "\n" +
		`{"changeId":"c-2","cycleId":"c","jobId":"wiki/main","activityDateTime":"2026-01-02T03:04:06.000Z","provisioningAction":"create",` +
		`"durationInMilliseconds":0,"sourceIdentity":{"id":"g","displayName":"","identityType":"group"},` +
		`"provisioningStatusInfo":{"status":"success"},"provisioningSteps":[],"modifiedProperties":[]}` + "\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	var events, steps, properties strings.Builder
	c, err := provlog.NewCSV(&events, &steps, &properties)
	if err = errors.Join(err, c.Write([]provlog.Record{failed()}), c.Write([]provlog.Record{least()}), c.Flush()); err != nil {
		t.Fatal(err)
	}
	for _, file := range []struct{ name, got, want string }{
		{"events", events.String(), `changeId,cycleId,jobId,activityDateTime,provisioningAction,status,identityType,sourceId,sourceDisplayName,` +
			`targetId,durationInMilliseconds,initiatedBy,errorCode,errorCategory,reason,recommendedAction
c-1,c,wiki/main,2026-01-02T03:04:05.006Z,update,failure,user,u-ada,'=cmd|'/c calc'!A1,t-ada,17,cycle,Conflict,nonServiceFailure,"409 <taken>
by ""bob""","` + advice + `"
c-2,c,wiki/main,2026-01-02T03:04:06.000Z,create,success,group,g,,,0,,,,,
`},
		{"steps", steps.String(), `changeId,name,provisioningStepType,status,description,details
c-1,EntryImport,import,success,read,
c-1,EntryExportUpdate,export,failure,'-1,"{""a"":""1"",""b"":""2""}"
`},
		{"properties", properties.String(), `changeId,displayName,oldValue,newValue
c-1,password,[Redact],[Redact]
c-1,phone,'@x,'+49 1
`},
	} {
		if diff := cmp.Diff(file.want, file.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file.name, diff)
		}
	}
}

// Whatever a value holds, the cell that a CSV reader sees is the value, or the value behind an apostrophe, and never
// begins like a formula.
func FuzzCSVCell(f *testing.F) {
	for _, seed := range []string{"", "plain", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "'=1", "a,\"b\"\nc", " =1", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var events, steps, properties strings.Builder
		c, err := provlog.NewCSV(&events, &steps, &properties)
		record := provlog.Record{ChangeID: "c", Modified: []provlog.ModifiedProperty{{DisplayName: "x", NewValue: value}}}
		if err = errors.Join(err, c.Write([]provlog.Record{record}), c.Flush()); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(properties.String())).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != 4 {
			t.Fatalf("read back %q, %v", rows, err)
		}
		cell := rows[1][3]
		// A CSV reader makes \n of \r\n.
		if bare := func(text string) string { return strings.ReplaceAll(text, "\r", "") }; bare(cell) != bare(value) && bare(cell) != "'"+bare(value) {
			t.Errorf("%q became %q", value, cell)
		}
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			t.Errorf("%q became the formula %q", value, cell)
		}
	})
}

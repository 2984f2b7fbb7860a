package cli_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cli"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

// stagedStore makes a store whose job has two users and a group to take access away from.
func stagedStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "provisioning.db")
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	since := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	var batch store.Batch
	for _, row := range []struct {
		objectType           directory.ObjectType
		source, name, action string
	}{{directory.User, "id-ann", "ann@example.com", "disable"}, {directory.User, "id-bob", "bob@example.com", "delete"}, {directory.Group, "id-it", "IT", "delete"}} {
		key := store.LinkKey{Type: row.objectType, Source: directory.Anchor(row.source)}
		batch.PutLinks = append(batch.PutLinks, store.Link{LinkKey: key, Target: "t", Name: row.name, Managed: true, LinkedAt: since})
		batch.PutStaged = append(batch.PutStaged, store.Staged{LinkKey: key, Action: row.action, Event: "unassigned", Reason: "no longer assigned", Held: true, Since: since})
	}
	_, err = s.CommitJob(t.Context(), job.Definition{ID: "wiki/main"}, 0, false, since)
	if err == nil {
		var fence int64
		fence, err = s.Lease(t.Context(), "wiki/main", "test", since, time.Minute)
		if err == nil {
			err = s.Record(t.Context(), "wiki/main", fence, batch)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// stagedRun runs a command on a store. The end of an approval, which follows the clock, is shown as YYYY….
func stagedRun(t *testing.T, path string, args ...string) (status int, out, err string) {
	t.Helper()
	var stdout, stderr strings.Builder
	status = cli.Run(t.Context(), append([]string{"staged"}, append(args, "--store", path)...), cli.Build{}, cli.Streams{Out: &stdout, Err: &stderr})
	expiry := regexp.MustCompile(`(until |"expires":")[-0-9T:.]+Z`)
	return status, expiry.ReplaceAllString(stdout.String(), "${1}YYYY-MM-DDTHH:MM:SS.mmmZ"), stderr.String()
}

func TestStaged(t *testing.T) {
	t.Parallel()
	path := stagedStore(t)
	for _, step := range []struct {
		args     []string
		out, err string
	}{
		{[]string{"list"}, `
TYPE   SOURCE  NAME             ACTION   SINCE                     DECISION  REASON
group  id-it   IT               delete   2026-03-14T09:00:00.000Z  -         no longer assigned
user   id-ann  ann@example.com  disable  2026-03-14T09:00:00.000Z  -         no longer assigned
user   id-bob  bob@example.com  delete   2026-03-14T09:00:00.000Z  -         no longer assigned
`, "staged: 3\n"},
		{[]string{"approve", "ANN@example.com", "delete:group:it"}, "\ndecided: 2\n", ""},
		{[]string{"reject", "user:id-bob", "--json"}, "\n{\"decided\":1}\n", ""},
		{[]string{"list", "--job", "wiki/main", "--json"}, `
{"objectTypeName":"group","sourceAnchor":"id-it","displayName":"IT","action":"delete","event":"unassigned","reason":"no longer assigned","held":true,"since":"2026-03-14T09:00:00.000Z","decision":"approved","expires":"YYYY-MM-DDTHH:MM:SS.mmmZ"}
{"objectTypeName":"user","sourceAnchor":"id-ann","displayName":"ann@example.com","action":"disable","event":"unassigned","reason":"no longer assigned","held":true,"since":"2026-03-14T09:00:00.000Z","decision":"approved","expires":"YYYY-MM-DDTHH:MM:SS.mmmZ"}
{"objectTypeName":"user","sourceAnchor":"id-bob","displayName":"bob@example.com","action":"delete","event":"unassigned","reason":"no longer assigned","held":true,"since":"2026-03-14T09:00:00.000Z","decision":"rejected"}
`, ""},
		{[]string{"reject", "--all"}, "\ndecided: 3\n", ""},
		{[]string{"approve", "delete:id-bob"}, "\ndecided: 1\n", ""},
		{[]string{"list"}, `
TYPE   SOURCE  NAME             ACTION   SINCE                     DECISION                                 REASON
group  id-it   IT               delete   2026-03-14T09:00:00.000Z  rejected                                 no longer assigned
user   id-ann  ann@example.com  disable  2026-03-14T09:00:00.000Z  rejected                                 no longer assigned
user   id-bob  bob@example.com  delete   2026-03-14T09:00:00.000Z  approved until YYYY-MM-DDTHH:MM:SS.mmmZ  no longer assigned
`, "staged: 3\n"},
	} {
		status, out, err := stagedRun(t, path, step.args...)
		if diff := cmp.Diff([]any{0, strings.TrimPrefix(step.out, "\n"), step.err}, []any{status, out, err}); diff != "" {
			t.Errorf("staged %v (-want +got):\n%s", step.args, diff)
		}
	}
}

func TestStagedRefuses(t *testing.T) {
	t.Parallel()
	path := stagedStore(t)
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"nobody", []string{"approve"}, 2, "say who is meant, or --all"},
		{"all and some", []string{"reject", "--all", "id-ann"}, 2, "say who is meant, or --all"},
		{"a stranger", []string{"approve", "id-ann", "zoe@example.com"}, 1, "nothing is staged for zoe@example.com"},
		{"a delete that was not named", []string{"approve", "id-ann", "id-bob"}, 1, "what waits for id-bob is a delete (no longer assigned), not a disable"},
		{"a disable that is none", []string{"approve", "delete:user:id-ann"}, 1, "what waits for user id-ann is a disable (no longer assigned), not a delete"},
		{"a rejection of something else", []string{"reject", "disable:id-bob"}, 1, "is a delete"},
		{"another job", []string{"list", "--job", "wiki/other"}, 1, "wiki/other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if status, out, err := stagedRun(t, path, c.args...); status != c.status || out != "" || !strings.Contains(err, c.says) {
				t.Errorf("status %d, out %q, err %q", status, out, err)
			}
		})
	}
}

func TestStagedHelp(t *testing.T) {
	t.Parallel()
	for command, says := range map[string]string{"list": "a limit of the job", "approve": "a delete is approved as delete:WHO", "reject": "no plan shows it"} {
		var out strings.Builder
		status := cli.Run(t.Context(), []string{"staged", command, "-h"}, cli.Build{}, cli.Streams{Out: &out, Err: &out})
		if got := strings.Join(strings.Fields(out.String()), " "); status != 0 || !strings.Contains(got, says) {
			t.Errorf("staged %s -h: status %d, %q", command, status, got)
		}
	}
}

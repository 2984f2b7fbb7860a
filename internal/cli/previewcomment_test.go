package cli

import (
	"bytes"
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ours are the tags a comment is made of. Nothing else in it may look like one.
var ours = regexp.MustCompile(`</?(h4|table|tr|td|th|code|pre|details|summary)>|<!-- provisioning-preview -->`)

// harmless demands that a comment has no markup but ours, that no table ends early, and that it fits.
func harmless(t *testing.T, comment string) {
	t.Helper()
	marker, rest, _ := strings.Cut(comment, "\n")
	if marker != "<!-- provisioning-preview -->" || strings.Contains(rest, marker) {
		t.Errorf("the marker is not on the first line alone: %q", marker)
	}
	if len(comment) > 60_000 {
		t.Errorf("%d bytes", len(comment))
	}
	for _, tag := range []string{"table", "details", "pre", "code", "h4", "td", "tr"} {
		if opened, closed := strings.Count(comment, "<"+tag+">"), strings.Count(comment, "</"+tag+">"); opened != closed {
			t.Errorf("<%s> is opened %d times and closed %d times", tag, opened, closed)
		}
	}
	if left := ours.ReplaceAllString(comment, ""); strings.ContainsAny(left, "<>") {
		t.Errorf("there is other markup in %q", left)
	}
	// What is neither in <code> nor in <pre> is a sentence of ours.
	outside := regexp.MustCompile(`(?s)<code>.*?</code>|<pre>.*?</pre>`).ReplaceAllString(comment, "")
	if strings.ContainsAny(outside, "@[]") || strings.Contains(outside, "http") {
		t.Errorf("a name escaped: %q", outside)
	}
	for _, block := range regexp.MustCompile(`(?s)<table>.*?</table>`).FindAllString(comment, -1) {
		if strings.Contains(block, "\n\n") {
			t.Errorf("a blank line ends a table: %q", block)
		}
	}
}

func TestPreviewMarkdownIsHarmless(t *testing.T) {
	t.Parallel()
	for _, plan := range []string{"plan.json", "hostile.json", "many.json", "counts.json", "errored.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", "preview", plan))
		if err != nil {
			t.Fatal(err)
		}
		report, err := readPlan(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		comment := report.markdown()
		harmless(t, comment)
		if plan == "hostile.json" {
			for _, name := range []string{"@everyone", "<script>alert(1)</script>", "a|b|c", "`x` ``y``"} {
				if !strings.Contains(comment, "<code>"+html.EscapeString(name)+"</code>") {
					t.Errorf("%q is not shown as it is", name)
				}
			}
		}
		if plan == "many.json" && (strings.Count(comment, "<h4>") != 9 || strings.Count(comment, "<summary>300 in all</summary>") != 9 || strings.Count(comment, "… and ") != 9) {
			t.Errorf("nine jobs with 300 accounts do not share the room: %d bytes, %s", len(comment), comment)
		}
	}
}

// FuzzPlan: whatever is read, a comment is harmless and within its bounds, a plan that failed names no job, and the report
// compares with itself.
func FuzzPlan(f *testing.F) {
	for _, seed := range []string{
		`{"format_version":"1.2","errored":false,"resource_changes":[{"address":"provisioning_job.x","mode":"managed","type":"provisioning_job","change":{"actions":["update"],` +
			`"before":{"managed_account_count":9},"after":{"id":"a/b","planned_changes":{"create_count":1,"update_count":0,"membership_add_count":0,"failure_count":0},` +
			`"planned_impact":{"disable_count":1,"delete_count":0,"membership_removal_count":0,"accounts":[{"object_type":"user","name":"@a<b>","action":"disable","reason":"x"}],` +
			`"causes":[{"action":"disable","cause":"filter","origin":"held","count":1}],"groups":[{"name":"g","removal_count":2}]}},"after_unknown":{"planned_changes":{}}}}]}`,
		`{"format_version":"1.2","planned_values":{},"errored":true,"complete":false,"resource_changes":null}`,
		`{"format_version":"1.0","resource_changes":[{"mode":"managed","type":"provisioning_job","deposed":"x","change":{"actions":["create","delete"],"before":{"destroy_impact":{"disable_count":3,"delete_count":0}},"after_unknown":{"planned_impact":true}}}],` +
			`"deferred_changes":[{"reason":"x","resource_change":{"mode":"managed","type":"provisioning_job","change":{"actions":["forget"]}}}]}`,
		`{"format_version":"1.0","values":{}}`, "PK\x03", `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		report, err := readPlan(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if report.Errored && (len(report.Jobs) > 0 || !report.noteworthy()) {
			t.Fatalf("a plan that failed has a report: %v", report)
		}
		harmless(t, report.markdown())
		encoded, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		if report.Errored {
			return
		}
		again, err := readPreview(bytes.NewReader(encoded))
		if err != nil {
			t.Fatal(err)
		}
		diff := differ(again, report)
		if len(diff.Jobs) > 0 {
			t.Fatalf("a report differs from itself: %v", diff)
		}
		harmless(t, diff.markdown())
	})
}

package clitest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// The texts that the guide on the preview shows are what Terraform says here, so that they cannot grow old.

func (s *stage) crowd(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: crowd COUNT DEPARTMENT")
	}
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("p%03d:%s", i+1, args[1])
	}
	s.people(ts, names)
}

func (s *stage) golden(ts *testscript.TestScript, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: golden FILE [TEXT]")
	}
	got := reviewed(ts.ReadFile("stdout") + ts.ReadFile("stderr"))
	if from := strings.Join(args[1:], " "); from != "" {
		at := strings.Index(got, from)
		if at < 0 {
			ts.Fatalf("Terraform did not say %q", from)
		}
		got = got[strings.LastIndexByte(got[:at], '\n')+1:]
	}
	path := filepath.Join("..", "..", "examples", "previews", args[0])
	if os.Getenv("UPDATE_SCRIPTS") != "" {
		ts.Check(os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	ts.Check(err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		ts.Fatalf("%s (-want +got); UPDATE_SCRIPTS=1 takes over what is right:\n%s", path, diff)
	}
}

var (
	overrides = regexp.MustCompile(`(?s)Warning: Provider development overrides are in effect.*?published\s+releases\.\n`)
	saved     = regexp.MustCompile(`(?s)\n─+\n.*?(\n\n|$)`)
	// What is another one each time: digests hold the port of the application, cycles have ids and times.
	hashed = regexp.MustCompile(`sha256:[0-9a-f]{64}`)
	unique = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

// shown are the attributes of a job that the guide is about. The others, most of which are only known after the apply, are left out, so
// that a new one does not change every text.
func shown() []string {
	return []string{"id", "name", "desired_digest", "planned_impact", "planned_changes"}
}

// abridged leaves out the other attributes of the jobs in a plan, with what is in them.
func abridged(lines []string) []string {
	var kept []string
	inJob, skipping := false, false
	for _, line := range lines {
		switch {
		case strings.Contains(line, `resource "provisioning_job"`):
			inJob = true
		case inJob && line == "    }":
			if inJob = false; skipping {
				kept = append(kept, "        # (other attributes left out here)")
			}
			skipping = false
		case inJob && strings.HasPrefix(line, "      ") && len(line) > 8 && line[8] != ' ' && !strings.ContainsAny(line[8:9], "}])#"):
			name, rest, _ := strings.Cut(line[8:], " ")
			skipping = !slices.Contains(shown(), name)
			line = line[:8] + fmt.Sprintf("%-15s ", name) + strings.TrimLeft(rest, " ")
		case inJob && strings.HasPrefix(line, "        # ("): // how many attributes Terraform itself hides
			skipping = true
			continue
		}
		if !skipping {
			kept = append(kept, line)
		}
	}
	return kept
}

// reviewed is what a reviewer reads: without what belongs to the test, in what order things were refreshed, and hashes.
func reviewed(said string) string {
	said = overrides.ReplaceAllString(said, "")
	said = saved.ReplaceAllString(said, "\n")
	said = hashed.ReplaceAllString(said, "sha256:…")
	said = unique.ReplaceAllString(said, "…")
	said = moment.ReplaceAllString(said, "2026-01-01T00:00:00Z")
	var kept []string
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, " \n")
		if strings.HasSuffix(line, "Refreshing state...") || strings.Contains(line, ": Refreshing state... [id=") || line == "" && (len(kept) == 0 || kept[len(kept)-1] == "") {
			continue
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(abridged(kept), "\n")) + "\n"
}

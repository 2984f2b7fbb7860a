package clitest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGuideShowsCommandsThatScriptsRun: every command line in a shell block of the guides on operating jobs, on app
// templates and on pipelines is run by a script.
func TestGuideShowsCommandsThatScriptsRun(t *testing.T) {
	t.Parallel()
	var page []byte
	for _, guide := range []string{"operating", "app-templates", "gitops"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", guide+".md.tmpl"))
		if err != nil {
			t.Fatal(err)
		}
		page = append(page, text...)
	}
	scripts, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	run := map[string]bool{}
	for _, script := range scripts {
		raw, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			if _, command, found := strings.Cut(strings.TrimSpace(line), "$WORK/provisioning "); found {
				run[command] = true
			}
		}
	}
	shown, inside := 0, false
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			inside = line == "```shell"
			continue
		}
		if !inside {
			continue
		}
		shown++
		if command := strings.TrimPrefix(line, "terraform-provider-provisioning "); !run[command] {
			t.Errorf("no script runs %q", command)
		}
	}
	if shown < 10 {
		t.Errorf("the guide shows %d commands", shown)
	}
}

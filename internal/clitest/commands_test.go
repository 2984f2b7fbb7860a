package clitest_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// commands are what scripts can say besides the commands of testscript.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	on := func(f func(*stage, *testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("this command cannot be negated")
			}
			f(ts.Value(stageKey{}).(*stage), ts, args)
		}
	}
	return map[string]func(*testscript.TestScript, bool, []string){
		// [!] terraform ARGUMENT... runs Terraform, which has to succeed, or to fail with status 1.
		"terraform": func(ts *testscript.TestScript, neg bool, args []string) {
			want := 0
			if neg {
				want = 1
			}
			ts.Value(stageKey{}).(*stage).run(ts, want, args...)
		},
		"serve": on(serve),
		// pending ARGUMENT... plans and demands that something is to be done.
		"pending": on(func(s *stage, ts *testscript.TestScript, args []string) {
			s.run(ts, 2, append([]string{"plan", "-detailed-exitcode"}, args...)...)
		}),
		// settled ARGUMENT... plans and demands that nothing is to be done.
		"settled": on(func(s *stage, ts *testscript.TestScript, args []string) {
			s.run(ts, 0, append([]string{"plan", "-detailed-exitcode"}, args...)...)
		}),
		// [!] says TEXT looks for a text in what Terraform said last, however it broke the lines.
		"says": func(ts *testscript.TestScript, neg bool, args []string) {
			text := strings.Join(args, " ")
			if strings.Contains(unwrapped(ts.ReadFile("stdout")+"\n"+ts.ReadFile("stderr")), unwrapped(text)) == neg {
				ts.Fatalf("said %q: %t", text, neg)
			}
		},
		// people NAME:DEPARTMENT[:disabled]... writes people.json.
		"people": on((*stage).people),
		// crowd COUNT DEPARTMENT writes people.json with so many people: p001, p002, ...
		"crowd": on((*stage).crowd),
		// golden FILE [TEXT] demands that what Terraform said last is examples/previews/FILE, from the line with TEXT on.
		"golden": on((*stage).golden),
		// accounts NAME=yes|no... demands exactly these accounts, active or not.
		"accounts": on((*stage).accounts),
		// groups NAME=MEMBER,MEMBER... demands exactly these groups in the application.
		"groups": on((*stage).groups),
		// writes METHOD=COUNT... demands exactly these writes in the application since it was last asked.
		"writes": on((*stage).writes),
		// tamper NAME [ATTRIBUTE JSON] changes an attribute of an account in the application by hand, or deletes the account.
		"tamper": on((*stage).tamper),
		// planjson PLAN prints what the JSON of a saved plan says of changes and of jobs.
		"planjson": on((*stage).planjson),
		// absent TEXT FILE... demands that files do not contain a text, plain or encoded. Archives are opened.
		"absent": on((*stage).absent),
		// edit FROM TO FILE replaces a text in a file; it has to be there.
		"edit": on(func(_ *stage, ts *testscript.TestScript, args []string) {
			if len(args) != 3 {
				ts.Fatalf("usage: edit FROM TO FILE")
			}
			text := ts.ReadFile(args[2])
			if !strings.Contains(text, args[0]) {
				ts.Fatalf("%s does not contain %q", args[2], args[0])
			}
			ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(text, args[0], args[1])), 0o600))
		}),
	}
}

func (s *stage) run(ts *testscript.TestScript, want int, args ...string) {
	err := ts.Exec(s.terraform, args...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("terraform %s: status %d, want %d", strings.Join(args, " "), got, want)
	}
}

// unwrapped undoes the lines and the frame Terraform puts around diagnostics.
func unwrapped(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}

func (s *stage) people(ts *testscript.TestScript, args []string) {
	type user struct {
		ID                string `json:"id"`
		UserPrincipalName string `json:"userPrincipalName"`
		DisplayName       string `json:"displayName"`
		Department        string `json:"department"`
		AccountEnabled    bool   `json:"accountEnabled"`
	}
	users := []user{}
	for _, arg := range args {
		parts := strings.Split(arg, ":")
		if len(parts) < 2 {
			ts.Fatalf("usage: people NAME:DEPARTMENT[:disabled]...")
		}
		users = append(users, user{
			ID: "id-" + parts[0], UserPrincipalName: parts[0] + "@example.com", DisplayName: parts[0], Department: parts[1],
			AccountEnabled: len(parts) < 3 || parts[2] != "disabled",
		})
	}
	raw, err := json.Marshal(map[string]any{"users": users, "groups": []any{}})
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(s.dir, "people.json"), raw, 0o600))
}

func (s *stage) accounts(ts *testscript.TestScript, want []string) {
	var got []string
	for _, user := range s.app.Users() {
		active := "no"
		if user.Active {
			active = "yes"
		}
		got = append(got, strings.TrimSuffix(user.UserName, "@example.com")+"="+active)
	}
	same(ts, want, got)
}

func (s *stage) groups(ts *testscript.TestScript, want []string) {
	var got []string
	for _, group := range s.app.Groups() {
		for i, member := range group.Members {
			group.Members[i] = strings.TrimSuffix(member, "@example.com")
		}
		got = append(got, group.DisplayName+"="+strings.Join(group.Members, ","))
	}
	same(ts, want, got)
}

func (s *stage) writes(ts *testscript.TestScript, want []string) {
	counts := map[string]int{}
	for _, request := range s.app.Requests() {
		// A search that is sent as POST reads.
		if request.Method != http.MethodGet && !strings.HasSuffix(request.Path, "/.search") {
			counts[request.Method]++
		}
	}
	s.app.ResetRequests()
	var got []string
	for _, method := range sorted(counts) {
		got = append(got, fmt.Sprintf("%s=%d", method, counts[method]))
	}
	same(ts, want, got)
}

func same(ts *testscript.TestScript, want, got []string) {
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(append([]string{}, want...), append([]string{}, got...)); diff != "" {
		ts.Fatalf("(-want +got):\n%s", diff)
	}
}

func (s *stage) absent(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: absent TEXT FILE...")
	}
	for _, pattern := range args[1:] {
		// What the CLI said last is not a file of the directory.
		if pattern == "stdout" || pattern == "stderr" {
			lacks(ts, args[0], pattern, []byte(ts.ReadFile(pattern)))
			continue
		}
		files, err := filepath.Glob(ts.MkAbs(pattern))
		ts.Check(err)
		if len(files) == 0 {
			ts.Fatalf("no file %s", pattern)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			ts.Check(err)
			lacks(ts, args[0], file, raw)
			archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
			if err != nil {
				continue
			}
			for _, entry := range archive.File {
				opened, err := entry.Open()
				ts.Check(err)
				inside, err := io.ReadAll(opened)
				ts.Check(err)
				lacks(ts, args[0], file+" "+entry.Name, inside)
			}
		}
	}
}

func lacks(ts *testscript.TestScript, text, where string, raw []byte) {
	for _, form := range forms(text) {
		if at := bytes.Index(raw, []byte(form)); at >= 0 {
			ts.Fatalf("%s contains %q (as %q): …%q…", where, text, form, raw[max(0, at-80):min(len(raw), at+len(form)+40)])
		}
	}
}

// forms are a text as it is, in hex, and in base64 at each of the three offsets it can have in a longer text. The
// characters next to its ends depend on its neighbours and are left out.
func forms(text string) []string {
	all := []string{text, hex.EncodeToString([]byte(text))}
	for offset := range 3 {
		body := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + text))
		all = append(all, body[(offset*8+5)/6:len(body)-1])
	}
	return all
}

func TestFormsFindATextAtEveryOffset(t *testing.T) {
	t.Parallel()
	const text = "opensesame"
	for offset := range 3 {
		around := strings.Repeat("{", offset) + text + "}"
		for _, hidden := range []string{around, hex.EncodeToString([]byte(around)), base64.StdEncoding.EncodeToString([]byte(around))} {
			if !slices.ContainsFunc(forms(text), func(form string) bool { return strings.Contains(hidden, form) }) {
				t.Errorf("%q hides %q", hidden, text)
			}
		}
	}
}

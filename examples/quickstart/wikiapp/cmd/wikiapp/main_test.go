package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func env(token string) func(string) string {
	return func(key string) string {
		if key == "WIKIAPP_TOKEN" {
			return token
		}
		return ""
	}
}

// serveUntil starts the command, hands its URL to use once it says it is ready, and stops it.
func serveUntil(t *testing.T, use func(url string), args ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), env("secret"), w, io.Discard)
		_ = w.CloseWithError(errors.Join(err, io.EOF))
		done <- err
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("not ready: %v", err)
	}
	found := regexp.MustCompile(`^wikiapp: serving (http://127\.0\.0\.1:\d+)/scim/v2 `).FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("ready line is %q", line)
	}
	use(found[1])
	stop()
	if err := <-done; err != nil {
		t.Fatalf("stopped with %v", err)
	}
}

func send(t *testing.T, method, url, token, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/scim+json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

func TestServesAndKeepsState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	state, log, token := filepath.Join(dir, "state.json"), filepath.Join(dir, "log"), filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-state", state, "-log", log, "-token-file", token}
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}`
	serveUntil(t, func(url string) {
		if got := send(t, "POST", url+"/scim/v2/Users", "secret", user); got != 401 {
			t.Errorf("the environment's token won over the file's: %d", got)
		}
		if got := send(t, "POST", url+"/scim/v2/Users", "from-file", user); got != 201 {
			t.Errorf("create = %d", got)
		}
	}, args...)
	serveUntil(t, func(url string) {
		if got := send(t, "POST", url+"/scim/v2/Users", "from-file", user); got != 409 {
			t.Errorf("create again after a restart = %d", got)
		}
	}, args...)
	content, err := os.ReadFile(log)
	if err != nil || strings.Count(string(content), "\n") != 3 {
		t.Errorf("log %q, %v", content, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Errorf("files left: %v %v", left, err)
	}
}

func TestRefusesToStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	broken := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args  string
		token string
		want  string
	}{
		"port taken":     {"-listen " + taken.Addr().String(), "t", "in use"},
		"not loopback":   {"-listen 0.0.0.0:0", "t", "loopback"},
		"every address":  {"-listen :0", "t", "loopback"},
		"no port":        {"-listen 127.0.0.1", "t", "127.0.0.1:8585"},
		"no token":       {"", " ", "WIKIAPP_TOKEN"},
		"no token file":  {"-token-file /nowhere/token", "t", "read token"},
		"no log":         {"-log /nowhere/log", "t", "open log"},
		"broken state":   {"-state " + broken, "t", broken},
		"argument":       {"extra", "t", "extra"},
		"unknown option": {"-verbose", "t", "verbose"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), strings.Fields(test.args), env(test.token), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v does not mention %q", err, test.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"-h"}, env(""), io.Discard, &out); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h ends with %v", err)
	}
	for _, name := range []string{"-listen", "-token-file", "-state", "-log", "-page-limit", "WIKIAPP_TOKEN"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("-h does not mention %s", name)
		}
	}
}

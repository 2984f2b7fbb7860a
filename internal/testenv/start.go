package testenv

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"testing"
)

// token is what every server takes.
const token = "a-token-of-the-test-kit"

var listening = regexp.MustCompile(`^listening on (\d+)$`)

// errMissing says that a server is not installed.
var errMissing = errors.New("not installed")

// Running is a server that was started. It has as many tenants as are asked for, each empty at first.
type Running struct {
	kit     kit
	port    string
	tenants names
}

// Start starts a server on loopback and ends it with the test. A server that is not installed fails the test when CI=true, and
// skips it otherwise.
func Start(t testing.TB, server Server) *Running {
	t.Helper()
	i := slices.IndexFunc(kits(), func(k kit) bool { return k.server == server })
	if i < 0 {
		t.Fatalf("the test kit has no server %q", server)
	}
	k := kits()[i]
	p := &process{t: t, server: server}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s printed:\n%s", server, p.output.String())
		}
	})
	err := k.start(p)
	switch {
	case errors.Is(err, errMissing) && os.Getenv("CI") != "true":
		t.Skipf("%v; run: make test-servers", err)
	case err != nil:
		t.Fatal(err)
	}
	return &Running{kit: k, port: p.port}
}

// root is the checkout's directory.
func root() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if ok && filepath.IsAbs(file) {
		return filepath.Join(filepath.Dir(file), "..", ".."), nil
	}
	// With -trimpath the name of this file says nothing; tests run in the directory of their package.
	at, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(at, "go.mod")); missing == nil {
			return at, nil
		}
		if filepath.Dir(at) == at {
			return "", fmt.Errorf("there is no go.mod above the working directory")
		}
		at = filepath.Dir(at)
	}
	return "", err
}

// installed is the directory where a server is installed, and that of its own files in the checkout.
func installed(server Server) (there, own string, err error) {
	at, err := root()
	if err != nil {
		return "", "", err
	}
	return filepath.Join(at, ".testenv", string(server)), filepath.Join(at, "internal", "testenv", string(server)), nil
}

// startNode starts server.mjs of a server from npm.
func startNode(p *process) error { return node(p) }

func node(p *process, environment ...string) error {
	there, own, err := installed(p.server)
	if err != nil {
		return err
	}
	program, err := exec.LookPath("node")
	if err != nil {
		return fmt.Errorf("%s: Node.js is %w", p.server, errMissing)
	}
	if want, err := lockHash(own); err != nil {
		return err
	} else if have, _ := os.ReadFile(filepath.Join(there, "installed")); string(have) != want+"\n" {
		return fmt.Errorf("%s: its npm packages are %w", p.server, errMissing)
	}
	script, err := place(there, own)
	if err != nil {
		return err
	}
	p.port, err = p.run(listening, append(environment, "TESTENV_TOKEN="+token), program, script)
	return err
}

func lockHash(own string) (string, error) {
	sum := sha256.New()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(own, name))
		if err != nil {
			return "", err
		}
		_, _ = sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// place copies server.mjs to where its packages are found, under a name that says which version it is.
func place(there, own string) (string, error) {
	text, err := os.ReadFile(filepath.Join(own, "server.mjs"))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	script := filepath.Join(there, "server-"+hex.EncodeToString(sum[:6])+".mjs")
	if _, err := os.Stat(script); err == nil {
		return script, nil
	}
	written, err := os.CreateTemp(there, "server-*.tmp")
	if err != nil {
		return "", err
	}
	_, err = written.Write(text)
	return script, errors.Join(err, written.Close(), os.Rename(written.Name(), script))
}

func startElimity(p *process) error {
	there, _, err := installed(p.server)
	if err != nil {
		return err
	}
	program := filepath.Join(there, "server")
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("%s is %w", p.server, errMissing)
	}
	p.port, err = p.run(listening, []string{"TESTENV_TOKEN=" + token}, program)
	return err
}

func startBetterAuth(p *process) error {
	// Everything that can be missing is looked for before a database is made.
	if _, err := exec.LookPath("node"); err != nil {
		return fmt.Errorf("%s: Node.js is %w", p.server, errMissing)
	}
	database, err := startPostgres(p)
	if err != nil {
		return err
	}
	return node(p, "TESTENV_DATABASE="+database)
}

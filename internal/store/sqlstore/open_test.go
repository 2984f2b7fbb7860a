package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

// holderVariable makes the test binary a second process that holds the store named by it.
const holderVariable = "SQLSTORE_TEST_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(holderVariable); path != "" {
		os.Exit(hold(path))
	}
	os.Exit(m.Run())
}

// hold opens a store, says so from inside a write transaction, and stays there until its input ends.
func hold(path string) int {
	s, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: path})
	if err != nil {
		return 1
	}
	_, err = s.Import(context.Background(), "hr@1", time.UnixMilli(1), func(im store.Importer) (store.ImportResult, error) {
		_, _ = os.Stdout.WriteString("holding\n")
		_, _ = os.Stdin.Read(make([]byte, 1))
		return store.ImportResult{Watermark: "from the other process"}, nil
	})
	if errors.Join(err, s.Close()) != nil {
		return 1
	}
	return 0
}

func TestAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), holderVariable+"="+path)
	input, err := command.StdinPipe()
	check(t, err)
	output, err := command.StdoutPipe()
	check(t, err)
	check(t, command.Start())
	if _, err := output.Read(make([]byte, len("holding\n"))); err != nil {
		t.Fatalf("the other process did not take the store: %v", err)
	}

	// While it writes we can open and read, but not write.
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: path, BusyTimeout: 50 * time.Millisecond})
	check(t, err)
	defer s.Close()
	_, err = s.ListJobs(t.Context())
	check(t, err)
	err = s.PutDraft(t.Context(), store.Draft{Kind: store.DraftApp, ID: "crm"})
	if directory.KindOf(err) != directory.Transient || !strings.Contains(err.Error(), "another process holds the store") {
		t.Errorf("got %v, want a transient error about another process", err)
	}

	check(t, input.Close())
	check(t, command.Wait())
	check(t, s.PutDraft(t.Context(), store.Draft{Kind: store.DraftApp, ID: "crm"}))
	state, err := s.CopyState(t.Context(), "hr@1")
	check(t, err)
	if state.Watermark != "from the other process" {
		t.Errorf("got watermark %q of the other process's import", state.Watermark)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string) string
		kind directory.ErrorKind
		says string
	}{
		{"no path", func(*testing.T, string) string { return "" }, directory.Invalid, "name a file"},
		{"no such directory", func(_ *testing.T, path string) string { return filepath.Join(path, "deeper", "store.db") }, directory.NotFound, "create it"},
		{"a directory", func(_ *testing.T, path string) string { return filepath.Dir(path) }, directory.Fatal, "is a directory"},
		{"a file that is no database", func(t *testing.T, path string) string {
			check(t, os.WriteFile(path, bytes.Repeat([]byte("resource \"x\" {}\n"), 100), 0o600))
			return path
		}, directory.Invalid, "not an SQLite database"},
		{"the database of another program", func(t *testing.T, path string) string {
			execute(t, path, "CREATE TABLE theirs (x)")
			return path
		}, directory.Invalid, "another program"},
		{"an empty database that another program marked", func(t *testing.T, path string) string {
			execute(t, path, "PRAGMA application_id = 7")
			return path
		}, directory.Invalid, "another program"},
		{"a newer schema", func(t *testing.T, path string) string {
			check(t, open(t, path).Close())
			execute(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
			return path
		}, directory.Invalid, "newer version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := c.make(t, filepath.Join(t.TempDir(), "store.db"))
			before, _ := os.ReadFile(path)
			_, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: path})
			if directory.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v of kind %q, want kind %q and %q", err, directory.KindOf(err), c.kind, c.says)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Errorf("the file was changed")
			}
		})
	}
}

func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store ?#%41 ü.db")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: path})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.PutDraft(t.Context(), store.Draft{Kind: store.DraftApp, ID: "crm"}), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the store is not where it should be: %v", err)
	}
}

func TestFilesAreOurs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	defer s.Close()
	check(t, s.PutDraft(t.Context(), store.Draft{Kind: store.DraftApp, ID: "crm"}))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		check(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", info.Name(), info.Mode().Perm())
		}
	}
}

func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "store.db")
	sealer := func(file string) secret.Sealer {
		s, err := secret.LoadOrCreateKey(secret.KeyOptions{File: filepath.Join(folder, file), Create: true})
		check(t, err)
		return s
	}
	openWith := func(s secret.Sealer) *sqlstore.Store {
		opened, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: path, Sealer: s})
		check(t, err)
		return opened
	}
	const token = "bearer-token-that-must-not-leak"
	s := openWith(sealer("key.json"))
	check(t, s.PutSecret(t.Context(), "crm/main", job.SecretVersion{Name: job.SecretBearerToken, Version: 1}, secret.New(token)))
	check(t, s.PutDraft(t.Context(), store.Draft{Kind: store.DraftApp, ID: "a draft to find"}))
	inWAL := everyByte(t, folder)
	check(t, s.Close())
	inFile := everyByte(t, folder)
	for place, content := range map[string][]byte{"write-ahead log": inWAL, "file": inFile} {
		if bytes.Contains(content, []byte(token)) {
			t.Errorf("the secret is readable in the %s", place)
		}
		if !bytes.Contains(content, []byte("a draft to find")) {
			t.Errorf("the search of the %s finds nothing at all", place)
		}
	}

	s = openWith(sealer("other.json"))
	_, err := s.GetSecret(t.Context(), "crm/main", job.SecretVersion{Name: job.SecretBearerToken, Version: 1})
	if directory.KindOf(err) != directory.Fatal || !strings.Contains(err.Error(), "sealed with another key") {
		t.Errorf("with another key: got %v", err)
	}
	check(t, s.Close())

	// A sealed secret that is moved to another row does not open there.
	execute(t, path, "INSERT INTO secrets SELECT owner, 'password', version, sealed FROM secrets; UPDATE secrets SET version = 2 WHERE name = 'bearer_token'")
	s = openWith(sealer("key.json"))
	defer s.Close()
	_, err = s.GetSecret(t.Context(), "crm/main", job.SecretVersion{Name: job.SecretPassword, Version: 1})
	if directory.KindOf(err) != directory.Fatal {
		t.Errorf("moved to another name: got %v", err)
	}
	_, err = s.GetSecret(t.Context(), "crm/main", job.SecretVersion{Name: job.SecretBearerToken, Version: 2})
	if directory.KindOf(err) != directory.Fatal {
		t.Errorf("moved to another version: got %v", err)
	}
}

func TestSecretsNeedAKey(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	err := s.PutSecret(t.Context(), "crm/main", job.SecretVersion{Name: job.SecretBearerToken, Version: 1}, secret.New("x"))
	if directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), secret.KeyVariable) {
		t.Errorf("got %v", err)
	}
}

func TestDamagedDocument(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	check(t, open(t, path).Close())
	execute(t, path, `INSERT INTO source_objects VALUES ('hr@1', 'user', 'a', 1, 1, '', 0, x'00', '{"v":2,"attributes":{}}')`)
	s := open(t, path)
	defer s.Close()
	_, err := s.Objects(t.Context(), "hr@1", directory.User, 0, 9, 9)
	if directory.KindOf(err) != directory.Fatal || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("got %v, want an error about version 2", err)
	}
}

func open(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: path})
	check(t, err)
	return s
}

// execute changes a database file behind the store's back.
func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	check(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	check(t, errors.Join(err, db.Close()))
}

func everyByte(t *testing.T, folder string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "store.db*"))
	check(t, err)
	var content []byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		check(t, err)
		content = append(content, data...)
	}
	return content
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

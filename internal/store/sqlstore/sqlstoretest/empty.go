// Package sqlstoretest makes stores for tests of other rooms.
package sqlstoretest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

// migrated is the file of an empty store, made once: to migrate one takes longer than a cycle.
var migrated = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "migrated")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "provisioning.db")
	made, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: path})
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Empty writes the file of an empty store, ready to be opened, and returns its path. It is removed when the test ends.
func Empty(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "provisioning.db")
	database, err := migrated()
	if err == nil {
		err = os.WriteFile(path, database, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

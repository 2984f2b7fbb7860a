package sqlstore_test

import (
	"path/filepath"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/storetest"
)

// setup makes a database file and a key file in a temporary directory.
func setup(tb testing.TB) func() store.Store {
	directory := tb.TempDir()
	sealer, err := secret.LoadOrCreateKey(secret.KeyOptions{File: filepath.Join(directory, "key.json"), Create: true})
	if err != nil {
		tb.Fatal(err)
	}
	return func() store.Store {
		s, err := sqlstore.Open(tb.Context(), sqlstore.Options{Path: filepath.Join(directory, "store.db"), Sealer: sealer})
		if err != nil {
			tb.Fatal(err)
		}
		return s
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, setup)
}

func BenchmarkStore(b *testing.B) { storetest.Benchmark(b, setup) }

package acctest

import (
	"path/filepath"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// New returns a bench on a real embedded engine with a store of its own, closed when the test ends.
func New(t *testing.T) *Bench {
	t.Helper()
	engine, err := wiring.Embedded(t.Context(), wiring.Options{Store: filepath.Join(t.TempDir(), "provisioning.db"), UserAgent: "acctest"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return On(engine.Client())
}

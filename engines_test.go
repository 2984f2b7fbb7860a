package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
)

// Under a debugger every walk opens the engine anew, while those of earlier walks are still there.
func TestWalksShareTheEngineOfAStore(t *testing.T) {
	t.Parallel()
	e := &engines{logger: slog.New(slog.DiscardHandler), userAgent: "test"}
	defer e.close()
	directory := t.TempDir()
	first := provider.Embedded{Store: filepath.Join(directory, "first.db")}
	second := provider.Embedded{Store: filepath.Join(directory, "second.db")}
	for _, where := range []provider.Embedded{first, second, first} {
		if _, err := e.open(t.Context(), where); err != nil {
			t.Fatal(err)
		}
	}
	if len(e.opened) != 2 {
		t.Errorf("%d engines for 2 stores", len(e.opened))
	}
	e.close()
	if len(e.opened) != 0 {
		t.Errorf("%d engines left", len(e.opened))
	}
	if _, err := e.open(t.Context(), first); err != nil {
		t.Errorf("cannot open again: %v", err)
	}
}

func TestFailedEngineIsNotKept(t *testing.T) {
	t.Parallel()
	e := &engines{logger: slog.New(slog.DiscardHandler)}
	if _, err := e.open(t.Context(), provider.Embedded{Store: filepath.Join(t.TempDir(), "missing", "x.db")}); err == nil {
		t.Error("a store in a directory that does not exist was opened")
	}
	if len(e.opened) != 0 {
		t.Errorf("%d engines kept", len(e.opened))
	}
}

// Terraform reads a provider's log by these keys.
func TestLogHandler(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	slog.New(logHandler(&out)).Warn("store is busy", "level", "of detail", slog.Group("g", "time", "now"))
	want := `{"@level":"warn","@message":"store is busy","level":"of detail","g":{"time":"now"}}` + "\n"
	if out.String() != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}

package file_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/file"
)

func discard([]source.Change) error { return nil }

func TestUnusableFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "people.txt"), `{"users":[]}`)
	if err := os.Mkdir(filepath.Join(folder, "people.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		options file.Options
		kind    directory.ErrorKind
		message string
	}{
		{"no path", file.Options{}, directory.Invalid, "has no path"},
		{"missing", file.Options{Path: "people.json"}, directory.NotFound, "people.json does not exist; create it"},
		{"missing folder", file.Options{Path: "nowhere/people.csv"}, directory.NotFound, "does not exist"},
		{"extension", file.Options{Path: "people.txt"}, directory.Invalid, "does not end in .json or .csv"},
		{"format", file.Options{Path: "people.txt", Format: "xml"}, directory.Invalid, `unknown format "xml"`},
		{"directory", file.Options{Path: "people.csv"}, directory.Invalid, "is a directory"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.options.Path != "" {
				c.options.Path = filepath.Join(folder, c.options.Path)
			}
			_, err := file.New(c.options).Changes(t.Context(), "", discard)
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got %v (%s), want %s: …%s…", err, directory.KindOf(err), c.kind, c.message)
			}
		})
	}
}

func TestFormatOverridesExtension(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "people.JSON")
	write(t, path, "id\nu1\n")
	if _, err := file.New(file.Options{Path: path}).Changes(t.Context(), "", discard); !errors.Is(err, directory.Invalid) {
		t.Errorf("an extension in upper case does not choose JSON: %v", err)
	}
	if _, err := file.New(file.Options{Path: path, Format: file.CSV}).Changes(t.Context(), "", discard); err != nil {
		t.Error(err)
	}
}

func TestWatermarkStandsForBytesAndOptions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "people.csv")
	write(t, path, "id,groups\nu1,a;b\n")
	result, err := file.New(file.Options{Path: path}).Changes(t.Context(), "", discard)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(result.Watermark), "sha256:") || len(result.Watermark) != len("sha256:")+64 {
		t.Errorf("watermark %q", result.Watermark)
	}
	complete := func(options file.Options) bool {
		t.Helper()
		again, err := file.New(options).Changes(t.Context(), result.Watermark, discard)
		if err != nil {
			t.Fatal(err)
		}
		return again.Complete
	}
	other := filepath.Join(t.TempDir(), "moved.csv")
	write(t, other, "id,groups\nu1,a;b\n")
	if complete(file.Options{Path: other, IDColumn: "id"}) {
		t.Error("the same bytes read in the same way were read again")
	}
	if !complete(file.Options{Path: path, GroupsSeparator: "|"}) {
		t.Error("another separator yields other groups, and the file was not read again")
	}
	write(t, path, "id,groups\nu1,a;b\n\n")
	if !complete(file.Options{Path: path}) {
		t.Error("other bytes were not read")
	}
}

// TestFileChangesWhileItIsRead rewrites the file in place, as a careless exporter does, after the first page.
func TestFileChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	rows := func(name string) string {
		return "id,name\n" + strings.Join(numbered(20*source.PageSize, name), "")
	}
	for name, rewritten := range map[string]string{
		"same size":  rows("b"),
		"empty":      "",
		"bad record": rows("a") + ",\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "people.csv")
			write(t, path, rows("a"))
			first := true
			result, err := file.New(file.Options{Path: path}).Changes(t.Context(), "", func([]source.Change) error {
				if first {
					write(t, path, rewritten)
				}
				first = false
				return nil
			})
			if !errors.Is(err, directory.Transient) || result != (source.Result{}) {
				t.Errorf("got %+v, %v; want nothing usable and a transient error", result, err)
			}
		})
	}
}

// TestFileIsReplacedWhileItIsRead renames a new file over the old one: the old one is read to its end.
func TestFileIsReplacedWhileItIsRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, next := filepath.Join(folder, "people.csv"), filepath.Join(folder, "next.csv")
	write(t, path, "id,name\n"+strings.Join(numbered(3*source.PageSize, "old"), ""))
	write(t, next, "id,name\nu1,new\n")
	people := 0
	s := file.New(file.Options{Path: path})
	result, err := s.Changes(t.Context(), "", func(page []source.Change) error {
		if people == 0 {
			if err := os.Rename(next, path); err != nil {
				t.Error(err)
			}
		}
		people += len(page)
		return nil
	})
	if err != nil || people != 3*source.PageSize {
		t.Fatalf("read %d people, %v; want all of the old file", people, err)
	}
	if result, err = s.Changes(t.Context(), result.Watermark, discard); err != nil || !result.Complete {
		t.Errorf("the new file was not read: %+v, %v", result, err)
	}
}

func numbered(count int, name string) []string {
	rows := make([]string, count)
	for i := range rows {
		rows[i] = "u" + itoa(i) + "," + name + "\n"
	}
	return rows
}

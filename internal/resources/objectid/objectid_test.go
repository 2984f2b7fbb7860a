package objectid_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/objectid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id    string
		names []string
		want  []string
		err   string
	}{
		{"wiki", []string{"key"}, []string{"wiki"}, ""},
		{"wiki/sales-only", []string{"app_id", "name"}, []string{"wiki", "sales-only"}, ""},
		{"wiki", []string{"app_id", "name"}, nil, `expected the form <app_id>/<name>, got "wiki"`},
		{"wiki/", []string{"app_id", "name"}, nil, `expected the form <app_id>/<name>, got "wiki/"`},
		{"a/b/c", []string{"app_id", "name"}, nil, `expected the form <app_id>/<name>, got "a/b/c"`},
		{"", []string{"key"}, nil, `expected the form <key>, got ""`},
	} {
		got, err := objectid.Parse(c.id, c.names)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if !slices.Equal(got, c.want) || message != c.err {
			t.Errorf("%q: got %q, %q; want %q, %q", c.id, got, message, c.want, c.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("wiki/sales-only")
	f.Add("//")
	f.Fuzz(func(t *testing.T, id string) {
		parts, err := objectid.Parse(id, []string{"app_id", "name"})
		if err != nil {
			return
		}
		if got := objectid.Join(parts...); got != id || slices.Contains(parts, "") || strings.Count(id, "/") != 1 {
			t.Errorf("%q was read as %q", id, parts)
		}
	})
}

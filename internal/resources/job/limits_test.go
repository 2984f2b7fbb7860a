package job

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLimitsOfOneType(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	config := s.config(values{"limits": values{"max_percent": 50, "users": values{"max_disable": 1}, "groups": values{"max_delete": 0}}})
	state, private := s.created(config)
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
	got := s.plan(state, private, config)
	var paths []string
	for _, m := range got.messages {
		if m.Severity == "ERROR" {
			paths = append(paths, m.Path)
		}
	}
	want := []string{
		`AttributeName("limits").AttributeName("max_percent")`, `AttributeName("limits").AttributeName("users").AttributeName("max_disable")`,
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("paths of the violations (-want +got):\n%s", diff)
	}
}

// TestLimitsAreReadBack: whatever was written is what is read, also objects in which nothing is set.
func TestLimitsAreReadBack(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]any{
		"none":          nil,
		"empty":         values{},
		"empty users":   values{"users": values{}},
		"users alone":   values{"users": values{"max_disable": 1, "max_percent": 2.5, "percent_floor": 20}},
		"a floor alone": values{"percent_floor": 100},
		"groups of all": values{"max_disable": 3, "groups": values{"max_delete": 0}, "users": values{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, inSales(), noon)
			state, private := s.created(s.config(values{"limits": limits}))
			read, _, _ := s.read(state, private)
			if diff := cmp.Diff(s.pick(state, "limits"), s.pick(read, "limits")); diff != "" {
				t.Errorf("(-written +read):\n%s", diff)
			}
			if plan := s.plan(read, private, s.config(values{"limits": limits})); !plan.state.Equal(read) {
				t.Errorf("the plan changes something: %v", s.pick(plan.state, "limits"))
			}
		})
	}
}

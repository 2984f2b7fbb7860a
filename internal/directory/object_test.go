package directory_test

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Active in source system (engine.md 4): not soft-deleted and account enabled; absent counts as enabled.
func TestEnabledAndActive(t *testing.T) {
	t.Parallel()
	absent := directory.Value{}
	tests := []struct {
		name           string
		accountEnabled directory.Value
		listed         bool
		removed        directory.Removal
		enabled        bool
		active         bool
	}{
		{"attribute absent", absent, false, directory.Present, true, true},
		{"null", directory.Null(), true, directory.Present, true, true},
		{"true", directory.Boolean(true), true, directory.Present, true, true},
		{"false", directory.Boolean(false), true, directory.Present, false, false},
		{"text True", directory.Text("True"), true, directory.Present, true, true},
		{"text False", directory.Text("False"), true, directory.Present, false, false},
		{"text fALSE", directory.Text("fALSE"), true, directory.Present, false, false},
		{"empty text", directory.Text(""), true, directory.Present, true, true},
		{"soft-deleted, enabled", directory.Boolean(true), true, directory.SoftDeleted, true, false},
		{"soft-deleted, disabled", directory.Boolean(false), true, directory.SoftDeleted, false, false},
		{"hard-deleted, bare", absent, false, directory.HardDeleted, true, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			object := directory.Object{Type: directory.User, Anchor: "ada", Removed: test.removed, Attributes: map[string]directory.Value{}}
			if test.listed {
				object.Attributes[directory.AttributeAccountEnabled] = test.accountEnabled
			}
			if object.Enabled() != test.enabled || object.Active() != test.active {
				t.Errorf("enabled %v, active %v; want %v, %v", object.Enabled(), object.Active(), test.enabled, test.active)
			}
		})
	}
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	bare := directory.Object{Anchor: "u-1"}
	named := directory.Object{Anchor: "u-1", Attributes: map[string]directory.Value{"id": directory.Text("own"), "mail": directory.Null()}}
	tests := []struct {
		object directory.Object
		name   string
		want   directory.Value
	}{
		{bare, "id", directory.Text("u-1")},
		{bare, "objectId", directory.Text("u-1")},
		{bare, "ObjectId", directory.Null()},
		{bare, "mail", directory.Null()},
		{named, "id", directory.Text("own")},
		{named, "objectId", directory.Text("u-1")},
		{named, "mail", directory.Null()},
	}
	for _, test := range tests {
		if got := test.object.Attribute(test.name); !got.Equal(test.want) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	if got := directory.ObjectTypes(); len(got) != 2 || got[0] != directory.User || got[1] != directory.Group {
		t.Errorf("users come before groups: %v", got)
	}
}

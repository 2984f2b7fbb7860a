package directory_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// anyValue draws every form of value that a source or an expression can yield: years as .NET has them, text in UTF-8.
// A record that is nothing but a field "$dateTime" is left out: reading JSON never makes one.
func anyValue(depth int) *rapid.Generator[directory.Value] {
	forms := []*rapid.Generator[directory.Value]{
		rapid.Just(directory.Null()),
		rapid.Map(rapid.String(), directory.Text),
		rapid.Map(rapid.Int64(), directory.Integer),
		rapid.Map(rapid.Bool(), directory.Boolean),
		rapid.Custom(func(t *rapid.T) directory.Value {
			year := rapid.IntRange(1, 9998).Draw(t, "year")
			offset := rapid.Int64Range(0, int64(365*24*time.Hour)-1).Draw(t, "offset")
			return directory.DateTime(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(offset)))
		}),
	}
	if depth > 0 {
		forms = append(forms,
			rapid.Map(rapid.SliceOfN(anyValue(depth-1), 0, 4), func(elements []directory.Value) directory.Value { return directory.List(elements...) }),
			rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-zA-Z$]{1,9}`).Filter(func(name string) bool { return name != "$dateTime" }), anyValue(depth-1), 0, 4), directory.Record))
	}
	return rapid.OneOf(forms...)
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := anyValue(3).Draw(t, "value")
		document, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		var back directory.Value
		if err := json.Unmarshal(document, &back); err != nil || !back.Equal(value) || !value.Equal(back) {
			t.Fatalf("%s became %s (%v)", document, back, err)
		}
		again, err := json.Marshal(back)
		if err != nil || !bytes.Equal(again, document) {
			t.Fatalf("%s became %s (%v)", document, again, err)
		}
	})
}

// FuzzValueJSON: whatever JSON is read, writing and reading it again yields the same value and the same bytes.
func FuzzValueJSON(f *testing.F) {
	f.Fuzz(func(t *testing.T, document []byte) {
		var value directory.Value
		if json.Unmarshal(document, &value) != nil {
			return
		}
		written, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("%q was read as %s and cannot be written: %v", document, value, err)
		}
		var back directory.Value
		if err := json.Unmarshal(written, &back); err != nil || !back.Equal(value) {
			t.Fatalf("%q became %s became %s (%v)", document, written, back, err)
		}
		again, err := json.Marshal(back)
		if err != nil || !bytes.Equal(again, written) {
			t.Fatalf("%s became %s (%v)", written, again, err)
		}
	})
}

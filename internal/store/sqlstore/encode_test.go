package sqlstore

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func TestObjectText(t *testing.T) {
	t.Parallel()
	text, err := objectText(directory.Object{
		Attributes: map[string]directory.Value{
			"b": directory.List(directory.Text("x"), directory.Null()), "a": directory.Text("é\"\n\u2028"), "null": directory.Null(),
			"n": directory.Integer(-3), "t": directory.Boolean(true), "f": directory.Boolean(false),
			"when": directory.DateTime(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)),
			"r":    directory.Record(map[string]directory.Value{"k": directory.Text("v")}),
		},
		References: map[string][]directory.Anchor{"manager": {"m"}, "empty": {}, "x": {"1", "2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"v":1,"attributes":{"a":"é\"\n\u2028","b":["x",null],"f":false,"n":-3,"r":{"k":"v"},"t":true,` +
		`"when":{"$dateTime":"2026-01-02T03:04:05.000000006Z"}},"references":{"manager":["m"],"x":["1","2"]}}`
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestDecodeBodyRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{`, `{}x`, `[]`, `{"v":2}`, `{"v":"1"}`, `{"v":1,"other":1}`, `{"v":1,}`, `{"v":1 }`, `{"v":1,"attributes":{"a":1.5}}`,
		`{"v":1,"attributes":{"a":tru}}`, `{"v":1,"attributes":{"a"}}`, `{"v":1,"attributes":{"a":"x}}`, `{"v":1,"attributes":{"a":"\q"}}`,
		`{"v":1,"attributes":{"a":[1 2]}}`, `{"v":1,"attributes":{"a":{"k":}}}`, `{"v":1,"references":{"m":["a",]}}`, `{"v":1,"references":{"m":[1]}}`,
		`{"v":1,"attributes":{"a":99999999999999999999}}`, `{"v":1,"attributes":{,"a":1}}`,
	} {
		if decoded, err := decodeBody(text); err == nil {
			t.Errorf("%s was read as %+v", text, decoded)
		}
	}
}

// FuzzDecodeBody holds the hand-written reader against encoding/json: what it accepts, encoding/json reads alike.
func FuzzDecodeBody(f *testing.F) {
	for _, text := range []string{
		`{"v":1,"attributes":{"a":"b","n":-1,"l":[true,false,null,[]],"r":{"x":[{}]},"d":{"$dateTime":"2026-01-02T03:04:05Z"}},"references":{"m":["a","b"]}}`,
		`{"v":1,"attributes":{"\u00e9\"":"\ud83d\ude00\\"}}`, `{"v":1}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := decodeBody(text)
		if err != nil || !utf8.ValidString(text) {
			return
		}
		var want struct {
			Attributes map[string]directory.Value    `json:"attributes"`
			References map[string][]directory.Anchor `json:"references"`
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("%s is not JSON: %v", text, err)
		}
		for name, value := range want.Attributes {
			if !got.attributes[name].Equal(value) {
				t.Errorf("%s: attribute %q is %v, want %v", text, name, got.attributes[name], value)
			}
		}
		for name, anchors := range want.References {
			if diff := cmp.Diff(append([]directory.Anchor{}, anchors...), append([]directory.Anchor{}, got.references[name]...)); diff != "" {
				t.Errorf("%s: relation %q: %s", text, name, diff)
			}
		}
	})
}

// FuzzObjectText writes an object and reads it back.
func FuzzObjectText(f *testing.F) {
	f.Add("name", "text", int64(1), "anchor")
	f.Add("n\"ame", "\x00\u2028\\<>&", int64(-1), "é")
	f.Fuzz(func(t *testing.T, name, content string, number int64, anchor string) {
		if !utf8.ValidString(name) || !utf8.ValidString(content) || !utf8.ValidString(anchor) {
			return // such text is stored with replacement characters, as encoding/json does
		}
		want := directory.Object{
			Attributes: map[string]directory.Value{
				name: directory.Text(content), name + "list": directory.List(directory.Text(content), directory.Integer(number), directory.Boolean(true)),
				name + "record": directory.Record(map[string]directory.Value{content: directory.Integer(number)}),
			},
			References: map[string][]directory.Anchor{name: {directory.Anchor(anchor)}},
		}
		text, err := objectText(want)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("%s is not JSON", text)
		}
		got, err := decodeBody(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Attributes, got.attributes); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want.References, got.references); diff != "" {
			t.Error(diff)
		}
	})
}

package directory_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var afternoon = time.Date(2024, time.March, 5, 14, 7, 9, 500, time.FixedZone("CET", 3600))

func TestTextForms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value directory.Value
		text  string
		ok    bool
		print string
	}{
		{"null", directory.Null(), "", false, "null"},
		{"zero value", directory.Value{}, "", false, "null"},
		{"text", directory.Text("Ada"), "Ada", true, "Ada"},
		{"empty text", directory.Text(""), "", true, ""},
		{"integer", directory.Integer(-42), "-42", true, "-42"},
		{"smallest integer", directory.Integer(math.MinInt64), "-9223372036854775808", true, "-9223372036854775808"},
		{"true", directory.Boolean(true), "True", true, "True"},
		{"false", directory.Boolean(false), "False", true, "False"},
		{"afternoon in UTC", directory.DateTime(afternoon), "3/5/2024 1:07:09 PM", true, "3/5/2024 1:07:09 PM"},
		{"midnight", directory.DateTime(time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)), "12/31/2024 12:00:00 AM", true, "12/31/2024 12:00:00 AM"},
		{"list", directory.List(directory.Text("a"), directory.Null(), directory.Integer(1)), "", false, "[a, null, 1]"},
		{"empty list", directory.List(), "", false, "[]"},
		{"record", directory.Record(map[string]directory.Value{"b": directory.Text("x"), "a": directory.List()}), "", false, "{a: [], b: x}"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if text, ok := test.value.Text(); text != test.text || ok != test.ok {
				t.Errorf("Text: got %q, %v; want %q, %v", text, ok, test.text, test.ok)
			}
			if got := test.value.String(); got != test.print {
				t.Errorf("String: got %q, want %q", got, test.print)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value       directory.Value
		kind        directory.Kind
		name        string
		empty, null bool
		elements    int
	}{
		{directory.Null(), directory.KindNull, "null", true, true, 0},
		{directory.Text(""), directory.KindText, "text", true, false, 1},
		{directory.Text("a"), directory.KindText, "text", false, false, 1},
		{directory.Integer(0), directory.KindInteger, "integer", false, false, 1},
		{directory.Boolean(false), directory.KindBoolean, "boolean", false, false, 1},
		{directory.DateTime(afternoon), directory.KindDateTime, "date-time", false, false, 1},
		{directory.List(), directory.KindList, "list", true, false, 0},
		{directory.List(directory.Null(), directory.Null()), directory.KindList, "list", false, false, 2},
		{directory.Record(nil), directory.KindRecord, "record", false, false, 1},
	}
	for _, test := range tests {
		got := []any{test.value.Kind(), test.value.Kind().String(), test.value.IsEmpty(), test.value.IsNull(), len(test.value.Elements())}
		want := []any{test.kind, test.name, test.empty, test.null, test.elements}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.value, diff)
		}
	}
	if got := directory.Kind(99).String(); got != "unknown" {
		t.Errorf("kind 99 is called %q", got)
	}
}

func TestAccessors(t *testing.T) {
	t.Parallel()
	if n, ok := directory.Integer(7).AsInteger(); n != 7 || !ok {
		t.Errorf("integer: %d, %v", n, ok)
	}
	if _, ok := directory.Boolean(true).AsInteger(); ok {
		t.Error("a boolean is taken for an integer")
	}
	if b, ok := directory.Boolean(true).AsBoolean(); !b || !ok {
		t.Errorf("boolean: %v, %v", b, ok)
	}
	if _, ok := directory.Integer(1).AsBoolean(); ok {
		t.Error("an integer is taken for a boolean")
	}
	if when, ok := directory.DateTime(afternoon).AsDateTime(); !ok || !when.Equal(afternoon) || when.Location() != time.UTC {
		t.Errorf("date-time: %v, %v", when, ok)
	}
	record := directory.Record(map[string]directory.Value{"value": directory.Text("x")})
	if !record.Field("value").Equal(directory.Text("x")) || !record.Field("other").IsNull() || !directory.Text("x").Field("value").IsNull() {
		t.Error("fields are not what the record holds")
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	// Every value differs from every other.
	different := []directory.Value{
		directory.Null(), directory.Text(""), directory.Text("a"), directory.Text("A"), directory.Text("1"), directory.Text("True"),
		directory.Integer(0), directory.Integer(1), directory.Boolean(false), directory.Boolean(true),
		directory.DateTime(afternoon), directory.DateTime(afternoon.Add(time.Nanosecond)),
		directory.List(), directory.List(directory.Null()), directory.List(directory.Text("a"), directory.Text("b")), directory.List(directory.Text("b"), directory.Text("a")),
		directory.Record(nil), directory.Record(map[string]directory.Value{"a": directory.Null()}), directory.Record(map[string]directory.Value{"b": directory.Null()}),
		directory.Record(map[string]directory.Value{"a": directory.Text("x")}),
	}
	for i, a := range different {
		for j, b := range different {
			if a.Equal(b) != (i == j) {
				t.Errorf("%s (%s) equal to %s (%s): %v", a, a.Kind(), b, b.Kind(), i != j)
			}
		}
	}
	same := [][2]directory.Value{
		{directory.Value{}, directory.Null()},
		{directory.DateTime(afternoon), directory.DateTime(afternoon.UTC())},
		{directory.Record(nil), directory.Record(map[string]directory.Value{})},
	}
	for _, pair := range same {
		if !pair[0].Equal(pair[1]) {
			t.Errorf("%s differs from %s", pair[0], pair[1])
		}
	}
}

func TestJSONForms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value directory.Value
		json  string
	}{
		{"null", directory.Null(), `null`},
		{"text", directory.Text("a\"é\n"), `"a\"é\n"`},
		{"integer", directory.Integer(math.MaxInt64), `9223372036854775807`},
		{"boolean", directory.Boolean(false), `false`},
		{"date-time", directory.DateTime(afternoon), `{"$dateTime":"2024-03-05T13:07:09.0000005Z"}`},
		{"list", directory.List(directory.Integer(1), directory.Null()), `[1,null]`},
		{"empty list", directory.List(), `[]`},
		{"record, sorted", directory.Record(map[string]directory.Value{"b": directory.Text("x"), "a": directory.List()}), `{"a":[],"b":"x"}`},
		{"empty record", directory.Record(nil), `{}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document, err := json.Marshal(test.value)
			if err != nil || string(document) != test.json {
				t.Fatalf("got %s, %v; want %s", document, err, test.json)
			}
			var back directory.Value
			if err := json.Unmarshal(document, &back); err != nil || !back.Equal(test.value) {
				t.Fatalf("read back %s (%s), %v", back, back.Kind(), err)
			}
		})
	}
}

func TestReadingForeignJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		json string
		want directory.Value
	}{
		{`1.5`, directory.Text("1.5")},
		{`1.0`, directory.Text("1.0")},
		{`99999999999999999999`, directory.Text("99999999999999999999")},
		{`{"value":"a","n":{"x":[true]}}`, directory.Record(map[string]directory.Value{
			"value": directory.Text("a"), "n": directory.Record(map[string]directory.Value{"x": directory.List(directory.Boolean(true))}),
		})},
		{`{"$dateTime":"2024-03-05T14:07:09+01:00"}`, directory.DateTime(time.Date(2024, 3, 5, 13, 7, 9, 0, time.UTC))},
		{`{"$dateTime":"x","other":1}`, directory.Record(map[string]directory.Value{"$dateTime": directory.Text("x"), "other": directory.Integer(1)})},
	}
	for _, test := range tests {
		var got directory.Value
		if err := json.Unmarshal([]byte(test.json), &got); err != nil || !got.Equal(test.want) {
			t.Errorf("%s: got %s (%s), %v; want %s", test.json, got, got.Kind(), err, test.want)
		}
	}
	var value directory.Value
	if err := json.Unmarshal([]byte(`[{"$dateTime":"yesterday"}]`), &value); err == nil {
		t.Error("a date-time that is none is accepted")
	}
}

func TestFromJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		raw  any
		want directory.Value
	}{
		{float64(3), directory.Integer(3)},
		{float64(-0.5), directory.Text("-0.5")},
		{float64(1 << 60), directory.Text("1152921504606847000")},
		{[]any{map[string]any{"a": float64(1)}}, directory.List(directory.Record(map[string]directory.Value{"a": directory.Integer(1)}))},
	}
	for _, test := range tests {
		if got, err := directory.FromJSON(test.raw); err != nil || !got.Equal(test.want) {
			t.Errorf("%v: got %s (%s), %v", test.raw, got, got.Kind(), err)
		}
	}
	for _, raw := range []any{int8(1), []any{struct{}{}}, map[string]any{"a": []byte("x")}} {
		if got, err := directory.FromJSON(raw); err == nil {
			t.Errorf("%T became %s", raw, got)
		}
	}
}

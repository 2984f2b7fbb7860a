package file

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"users":[{"id":"u1","userPrincipalName":"ada@example.org","accountEnabled":false,"manager":{"id":"u2"},"x":[1,2.5,{"y":null}]}]}`,
		"\ufeff{\"groups\":[{\"id\":\"g1\",\"members\":[\"u1\",{\"id\":\"u2\"}]}],\n\"users\":[{\"id\":\"u1\",\"deletedDateTime\":\"2026-01-31\"}]}",
		`{"users":[{"id":"u1"},{"id":"u1"},{},7],"value":{}}`,
		"{\"users\":[{\"id\":\"\xff\"}]}", "\xff\xfe{\x00", `{"users":[{"id":"u1","x":{"$dateTime":"soon"}}]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) { checkAnyContent(t, content, "people.json") })
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"id,accountEnabled,deletedDateTime,manager,groups\nu1,true,,u2,a;b\nu2,no,2026-01-31,,\n",
		"\ufeffid;displayName\r\nu1;\"x\ny\"\r\n\r\nu1;z\r\n", "id\tgroups\nu1\tu1\n", "id,a\nu1,\"b", "id,a\nu1\n,\n", "id,a,a\n", "id\n\xe9\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) { checkAnyContent(t, content, "people.csv") })
}

// checkAnyContent reads content that may be anything: it is either refused at a place that exists, or
// yields objects that keep the contract, twice the same.
func checkAnyContent(t *testing.T, content, name string) {
	objects, err := readAll(content, name, Options{})
	if err != nil {
		var line, column int
		if _, scan := fmt.Sscanf(strings.TrimPrefix(err.Error(), name+":"), "%d:%d:", &line, &column); scan != nil {
			t.Fatalf("no position in %q", err)
		}
		lines := strings.Split(strings.TrimPrefix(content, "\ufeff"), "\n")
		if line < 1 || line > len(lines) || column < 1 || column > utf8.RuneCountInString(lines[line-1])+1 {
			t.Fatalf("%q is not a place in the file", err)
		}
		if !utf8.ValidString(err.Error()) || directory.KindOf(err) != directory.Invalid {
			t.Fatalf("%q of kind %s", err, directory.KindOf(err))
		}
		return
	}
	if !utf8.ValidString(content) {
		t.Fatal("text that is not UTF-8 was accepted")
	}
	seen := map[directory.Anchor]bool{}
	for _, object := range objects {
		if object.Anchor == "" || seen[object.Anchor] {
			t.Fatalf("anchor %q is empty or occurs twice", object.Anchor)
		}
		seen[object.Anchor] = true
		for relation, anchors := range object.References {
			if len(anchors) == 0 || !slices.IsSorted(anchors) || len(slices.Compact(slices.Clone(anchors))) != len(anchors) || anchors[0] == "" {
				t.Fatalf("%s of %s: %q", relation, object.Anchor, anchors)
			}
		}
		for attribute, value := range object.Attributes {
			checkStorable(t, attribute, value)
		}
	}
}

// checkStorable checks that a value is the same after it has been kept as JSON, as the store does.
func checkStorable(t *testing.T, attribute string, value directory.Value) {
	encoded, err := value.MarshalJSON()
	if err != nil {
		t.Fatalf("%q: %v", attribute, err)
	}
	var back directory.Value
	if err := back.UnmarshalJSON(encoded); err != nil || !back.Equal(value) {
		t.Fatalf("%q: %s comes back as %v, %v", attribute, encoded, back, err)
	}
}

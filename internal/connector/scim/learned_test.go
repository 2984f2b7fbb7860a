package scim

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
)

func TestLearnedDocument(t *testing.T) {
	t.Parallel()
	k := newKnowledge(nil)
	if empty := k.learning(); empty.Document != nil || empty.Facts != nil {
		t.Errorf("nothing was learned, and yet: %s %v", empty.Document, empty.Facts)
	}
	k.learn(topicUpdateMethod, "user", "put", "it answered 405 to PATCH")
	k.learn(topicBooleans, "", "text", "it refused a JSON boolean and took a text")
	k.learn(topicBooleans, "", "text", "another reason for the same")
	k.learn(topicBulk, "", "off", "it answered 501")
	k.forget(topicBulk, "")
	want := `{"version":1,"learned":[` +
		`{"topic":"patch.booleans","form":"text","reason":"it refused a JSON boolean and took a text"},` +
		`{"topic":"update.method","subject":"user","form":"put","reason":"it answered 405 to PATCH"}]}`
	got := k.learning()
	if string(got.Document) != want {
		t.Errorf("document:\n%s\nwant:\n%s", got.Document, want)
	}
	facts := []connector.Fact{
		{Name: "boolean values in PATCH", Value: "text", Reason: "it refused a JSON boolean and took a text"},
		{Name: "update of a user", Value: "put", Reason: "it answered 405 to PATCH"},
	}
	if diff := cmp.Diff(facts, got.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	next := newKnowledge([]byte(want))
	if diff := cmp.Diff(got, next.learning()); diff != "" {
		t.Errorf("the next connector knows something else (-first +next):\n%s", diff)
	}
	next.learn(topicBooleans, "", "json", "it refused a text")
	if form := next.form(topicBooleans, ""); form != "json" {
		t.Errorf("what is learned later counts: %q", form)
	}
}

func TestLearnedTolerates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, document, form, ignored string
	}{
		{"unknown fields and topics", `{"version":1,"by":"x","learned":[{"topic":"t.new","form":"f","more":1},{"topic":"bulk","form":"off"}]}`, "off", ""},
		{"notes that say nothing", `{"version":1,"learned":[{"topic":"bulk"},{"form":"x"},{"topic":"bulk","form":"off"}]}`, "off", ""},
		{"twice", `{"version":1,"learned":[{"topic":"bulk","form":"on"},{"topic":"bulk","form":"off"}]}`, "off", ""},
		{"no notes", `{"version":1}`, "", ""},
		{"a later version", `{"version":2,"learned":{"bulk":"off"}}`, "", "it has version 2, and this release reads version 1"},
		{"no version", `{"learned":[{"topic":"bulk","form":"off"}]}`, "", "it has version 0, and this release reads version 1"},
		{"not JSON", `bulk: off`, "", "it is not a JSON document with a version"},
		{"other notes", `{"version":1,"learned":{"bulk":"off"}}`, "", "it does not hold a list of notes"},
		{"too long", `{"version":1}` + strings.Repeat(" ", 256<<10), "", "it has 262157 bytes, and 262144 are the limit"},
		{"too many", `{"version":1,"learned":[{}` + strings.Repeat(`,{}`, 500) + `]}`, "", "it holds 501 notes, and 500 are the limit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k := newKnowledge([]byte(test.document))
			if form := k.form(topicBulk, ""); form != test.form {
				t.Errorf("bulk is %q, want %q", form, test.form)
			}
			var ignored string
			for _, fact := range k.learning().Facts {
				if fact.Name == "earlier knowledge" {
					ignored = fact.Reason
				}
			}
			if ignored != test.ignored {
				t.Errorf("ignored because %q, want %q", ignored, test.ignored)
			}
		})
	}
	k := newKnowledge([]byte(`{"version":1,"learned":[{"topic":"t.new","subject":"s","form":"f","reason":"r"}]}`))
	if got := k.learning(); string(got.Document) != `{"version":1,"learned":[{"topic":"t.new","subject":"s","form":"f","reason":"r"}]}` ||
		got.Facts[0] != (connector.Fact{Name: "t.new s", Value: "f", Reason: "r"}) {
		t.Errorf("what a later release learned is lost: %s %v", got.Document, got.Facts)
	}
}

// The order in which workers learn must not show.
func TestLearnedConcurrently(t *testing.T) {
	t.Parallel()
	k := newKnowledge(nil)
	var workers sync.WaitGroup
	for worker := range 8 {
		workers.Go(func() {
			for i := range 100 {
				k.learn("t", fmt.Sprintf("%03d", (i+worker*13)%100), "f", "r")
				k.form("t", "000")
				k.learning()
			}
		})
	}
	workers.Wait()
	notes := k.all()
	if len(notes) != 100 {
		t.Fatalf("%d notes, want 100", len(notes))
	}
	for i, n := range notes {
		if n.Subject != fmt.Sprintf("%03d", i) {
			t.Fatalf("note %d is about %s", i, n.Subject)
		}
	}
	for i := range 1000 {
		k.learn("u", fmt.Sprint(i), "f", "r")
	}
	if len(k.all()) != 500 {
		t.Errorf("%d notes, want the limit of 500", len(k.all()))
	}
}

func FuzzLearned(f *testing.F) {
	f.Add([]byte(`{"version":1,"learned":[{"topic":"bulk","form":"off","reason":"r"}]}`))
	f.Add([]byte(`{"version":1,"learned":[{"topic":"t","subject":"\ud800","form":"<"}]}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, document []byte) {
		first := newKnowledge(document).learning()
		if len(first.Document) == 0 {
			return
		}
		if again := newKnowledge(first.Document).learning(); !cmp.Equal(first.Document, again.Document) {
			t.Errorf("%s\nbecomes\n%s", first.Document, again.Document)
		}
	})
}

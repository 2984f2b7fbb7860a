package scim

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDecodePage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body string
		ids        string
		total      int
		next       string
		message    string
	}{
		{name: "usual", body: `{"totalResults":2,"Resources":[{"id":"1"},{"id":"2"}]}`, ids: "1 2", total: 2},
		{name: "nobody", body: `{"totalResults":0}`, total: 0},
		{name: "null", body: `{"totalResults":0,"Resources":null}`, total: 0},
		{name: "no total", body: `{"Resources":[]}`, total: -1},
		{name: "other spellings", body: `{"totalresults":1,"resources":[{"ID":"1"}]}`, ids: "1", total: 1},
		{name: "numbers as texts", body: `{"totalResults":" 7 ","Resources":[{"id":"1"}]}`, ids: "1", total: 7},
		{name: "ids as numbers", body: `{"totalResults":2,"Resources":[{"id":12345678901234567890},{"id":7}]}`, ids: "12345678901234567890 7", total: 2},
		{name: "a total that is none", body: `{"totalResults":-1,"Resources":[{"id":"1"}]}`, ids: "1", total: -1},
		{name: "a total with a fraction", body: `{"totalResults":1.5,"Resources":[{"id":"1"}]}`, ids: "1", total: -1},
		{name: "a total beyond measure", body: `{"totalResults":1e99,"Resources":[{"id":"1"}]}`, ids: "1", total: -1},
		{name: "a byte order mark", body: "\uFEFF" + `{"totalResults":1,"Resources":[{"id":"1"}]}`, ids: "1", total: 1},
		{name: "a name twice", body: `{"totalResults":5,"totalResults":1,"Resources":[{"id":"x"}],"Resources":[{"id":"1","id":"2"}]}`, ids: "2", total: 1},
		{name: "a cursor", body: `{"Resources":[{"id":"1"}],"nextCursor":"a b"}`, ids: "1", total: -1, next: "a b"},
		{name: "a cursor as a number", body: `{"Resources":[{"id":"1"}],"nextCursor":12345678901234567890}`, ids: "1", total: -1, next: "12345678901234567890"},
		{name: "an empty cursor", body: `{"Resources":[{"id":"1"}],"nextCursor":""}`, ids: "1", total: -1},
		{name: "a cursor that is none", body: `{"Resources":[{"id":"1"}],"nextCursor":null}`, ids: "1", total: -1},
		{name: "the same resource twice", body: `{"Resources":[{"id":"1","a":[1]},{"id":"1","a":[1]}]}`, ids: "1", total: -1},
		{name: "one id, two resources", body: `{"Resources":[{"id":"1","a":1},{"id":"1","a":2}]}`, message: "a ListResponse with two different resources of one id"},
		{name: "an object for a list", body: `{"totalResults":1,"Resources":{"id":"1"}}`, message: "an object that is not a ListResponse"},
		{name: "a text for a list", body: `{"totalResults":1,"Resources":"none"}`, message: "an object that is not a ListResponse"},
		{name: "texts for resources", body: `{"totalResults":1,"Resources":["1"]}`, message: "a ListResponse that lists something else than resources"},
		{name: "null for a resource", body: `{"totalResults":1,"Resources":[null]}`, message: "a ListResponse that lists something else than resources"},
		{name: "no id", body: `{"totalResults":1,"Resources":[{"id":true}]}`, message: "a ListResponse with a resource that has no id"},
		{name: "an empty object", body: `{}`, message: "an object that is not a ListResponse"},
		{name: "an array", body: `[{"id":"1"}]`, message: "something that is not a JSON object"},
		{name: "null itself", body: `null`, message: "something that is not a JSON object"},
		{name: "nothing", body: ``, message: "something that is not a JSON object"},
		{name: "two documents", body: `{"totalResults":0}{"totalResults":1}`, message: "something that is not a JSON object"},
		{name: "broken off", body: `{"totalResults":1,"Resources":[{"id":"1"`, message: "something that is not a JSON object"},
		{name: "nested beyond measure", body: `{"totalResults":1,"Resources":` + strings.Repeat("[", 20000), message: "something that is not a JSON object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := decodePage([]byte(test.body))
			if test.message != "" {
				if err == nil || err.Error() != test.message {
					t.Errorf("got %v, want %q", err, test.message)
				}
				return
			}
			var ids []string
			for _, r := range p.resources {
				ids = append(ids, string(r.id()))
			}
			if err != nil || strings.Join(ids, " ") != test.ids || p.total != test.total || p.next != test.next {
				t.Errorf("got %v, total %d, next %q (%v)", ids, p.total, p.next, err)
			}
		})
	}
}

// FuzzDecodePage: whatever a server answers, a page that is taken has resources with ids, each once, and what they hold can be read.
func FuzzDecodePage(f *testing.F) {
	for _, seed := range []string{
		`{"totalResults":2,"itemsPerPage":2,"startIndex":1,"Resources":[{"id":"1","userName":"ada","emails":[{"type":"work","value":"a@b"}]},{"id":2,"active":"True"}]}`,
		`{"totalResults":"1","Resources":[{"id":"1","name":{"givenName":["x"]},"emails":"a@b","roles":[{"value":"{\"id\":1}"}]}],"nextCursor":"c"}`,
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"id":"1"}]}`,
		`{"totalResults":0}`, `{"Resources":[null]}`, `{"resources":[{"id":7}],"totalResults":-1}`, `{"totalResults":1e99}`, `null`, `<html>`,
		`{"totalResults":1,"Resources":[{"id":"1"}`, `{"totalResults":0}{}`, `{"Resources":null,"totalResults":0}`, `{"Resources":{}}`, "\uFEFF{}", `{"resources":[{"ID":"1"},{"id":"1"}]}`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	paths, err := parseAll([]string{"userName", "active", `emails[type eq "work"].value`, "emails", "roles", "name.givenName", "manager", "urn:example:x:2.0:User:badge", "addresses", "members"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodePage(body)
		if err != nil {
			return
		}
		if p.total < -1 {
			t.Errorf("total %d", p.total)
		}
		seen := map[string]bool{}
		for _, r := range p.resources {
			if id := string(r.id()); id == "" || seen[id] {
				t.Errorf("id %q", id)
			} else {
				seen[id] = true
			}
			for _, path := range paths {
				_ = r.read(path)
			}
			if _, err := json.Marshal(r); err != nil {
				t.Error(err)
			}
		}
	})
}

func parseAll(attributes []string) (paths []Path, err error) {
	for _, attribute := range attributes {
		path, err := ParsePath(attribute)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path.resolved())
	}
	return paths, nil
}

// FuzzPager: whatever a server answers, a list ends, delivers nothing twice, and asks for something sensible.
func FuzzPager(f *testing.F) {
	for _, seed := range []string{"", "\x04abcd\x04efgh\x01h", "\x02ab\x02ab\x02ab", "\x84ab\x84cd\x80", "\x40\x41a\x42ab", "\x03abc\x00\x03abc\x02cd\x01d"} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, script []byte, byIndex bool) {
		p := newPager(4, !byIndex)
		delivered := map[idDigest]bool{}
		for i := 0; ; i++ {
			asked, more := p.next()
			if !more {
				return
			}
			if i > 2000 {
				t.Fatal("it loops")
			}
			if asked.count < 1 || asked.start < 0 || asked.byCursor && asked.start != 0 {
				t.Fatalf("asks for %+v", asked)
			}
			answer := pageAnswer{total: -1}
			if len(script) > 0 {
				// The low bits are the length of the page, the others what else is special about it.
				head := script[0]
				n := min(int(head&7), len(script)-1)
				for _, id := range script[1 : 1+n] {
					answer.ids = append(answer.ids, digestOf(string(rune(id))))
				}
				script = script[1+n:]
				answer.refused, answer.expired = head&8 > 0, head&16 > 0
				if head&64 > 0 {
					answer.total = int(head&63) / 2
				}
				if head&128 > 0 {
					answer.next = string(rune(head)) + string(rune(len(script)))
				}
			}
			fresh, _ := p.take(answer)
			for _, index := range fresh {
				if id := answer.ids[index]; delivered[id] {
					t.Fatal("delivered twice")
				} else {
					delivered[id] = true
				}
			}
		}
	})
}

package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

func TestReadLean(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{`{"id":"1"}`, `{"id":"1"}`},
		{`{"id":"1","members":[{"value":"a"},{"value":"b"}],"displayName":"x"}`, `{"id":"1","members":null,"displayName":"x"}`},
		{`{"members":[]}`, `{"members":null}`},
		{`{ "members" : [ { "value" : "]" } ] , "a" : 1 }`, `{ "members":null , "a" : 1 }`},
		{`{"Resources":[{"members":[[],{}],"id":"1"},{"id":"2","Members":"x"}]}`, `{"Resources":[{"members":null,"id":"1"},{"id":"2","Members":null}]}`},
		{`{"members":7,"a":{"members":[1]}}`, `{"members":null,"a":{"members":[1]}}`},
		{`{"members":null}`, `{"members":null}`},
		{`{"m\u0065mbers":["a"]}`, `{"m\u0065mbers":null}`},
		{`{"members":"a\"]}b"}`, `{"members":null}`},
		{`{"name":"members","x":["members",1]}`, `{"name":"members","x":["members",1]}`},
		{`["members",{"members":[1]}]`, `["members",{"members":[1]}]`},
		{`{"members":{"a":[{"b":"}"}]},"c":"d"}`, `{"members":null,"c":"d"}`},
		{`{"members":tru`, `{"members"`},
		{`{"members":[1`, `{"members"`},
		{``, ``}, {`<html "members">`, `<html "members">`}, {`}}]]"`, `}}]]"`},
	} {
		got, err := readLean(strings.NewReader(test.in), 1000, 1000)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %s (%v), want %s", test.in, got, err, test.want)
		}
	}
}

// endless writes a group with members for ever, and counts what was read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	const head, member = `{"Resources":[{"id":"1","members":[`, `{"value":"0123456789"},`
	for i := range p {
		at := e.read + i
		if at < len(head) {
			p[i] = head[at]
		} else {
			p[i] = member[(at-len(head))%len(member)]
		}
	}
	e.read += len(p)
	return len(p), nil
}

func tooLargeFor(err error, limit int64) bool {
	told, ok := errors.AsType[*tooLargeError](err)
	return ok && told.limit == limit
}

func TestReadLeanIsBounded(t *testing.T) {
	t.Parallel()
	source := &endless{}
	if _, err := readLean(source, 50<<20, 1<<20); !tooLargeFor(err, 50<<20) || source.read > 51<<20 {
		t.Errorf("%v after %d bytes", err, source.read)
	}
	if _, err := readLean(strings.NewReader(`{"x":"`+strings.Repeat("y", 2000)+`"}`), 1<<20, 1000); !tooLargeFor(err, 1000) {
		t.Error(err)
	}
	for _, name := range []string{"a", "members"} {
		if _, err := readLean(strings.NewReader(`{"`+name+`":`+strings.Repeat("[", 100)), 1<<20, 1<<20); !errors.Is(err, errTooDeep) {
			t.Error(name, err)
		}
	}
	broken := io.MultiReader(strings.NewReader(`{"a":1`), &failing{})
	if _, err := readLean(broken, 1<<20, 1<<20); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// FuzzReadLean: the copy of JSON is JSON, and says the same but for the members.
func FuzzReadLean(f *testing.F) {
	for _, seed := range []string{
		`{"totalResults":1,"Resources":[{"id":"1","members":[{"value":"a","$ref":"../a"}],"displayName":"x"}]}`,
		`{"members":[],"MEMBERS":{"a":"\"}"},"x":[1,2,{"members":3}]}`, `{"members" : -1.5e3 }`, `{"a\"members":"\\","members":true}`, `[[{"members":[]}]]`, `{"members":[`, "\ufeff{}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lean, err := readLean(strings.NewReader(text), 1<<20, 1<<20)
		if err != nil {
			return
		}
		decode := func(body []byte) (any, bool) {
			var v any
			decoder := json.NewDecoder(bytes.NewReader(body))
			decoder.UseNumber()
			if decoder.Decode(&v) != nil {
				return nil, false
			}
			_, err := decoder.Token()
			return v, errors.Is(err, io.EOF)
		}
		want, ok := decode([]byte(text))
		if !ok {
			return
		}
		got, ok := decode(lean)
		if !ok {
			t.Fatalf("%q becomes %q, which is not JSON", text, lean)
		}
		if !reflect.DeepEqual(got, leanly(want)) {
			t.Errorf("%q becomes %q", text, lean)
		}
	})
}

// leanly puts null in the place of members, in the answer and in the elements of its lists.
func leanly(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for name, value := range object {
		if strings.EqualFold(name, "members") {
			object[name] = nil
			continue
		}
		list, _ := value.([]any)
		for _, element := range list {
			if inner, ok := element.(map[string]any); ok {
				for name := range inner {
					if strings.EqualFold(name, "members") {
						inner[name] = nil
					}
				}
			}
		}
	}
	return v
}

// TestLargeGroupsAreWritten: an answer to a write may hold all members of a group; they are dropped while it arrives.
func TestLargeGroupsAreWritten(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"patch", "put"} {
		written := ""
		c, err := New(Options{BaseURL: "http://localhost/scim", BearerToken: secret.New("t"), MaxBody: 1 << 10, UpdateMethod: method,
			Transport: roundTrip(func(r *http.Request) *http.Response {
				members := `{"value":"u"}`
				if members += written; r.Method != http.MethodGet {
					written = `,{"value":"v"}`
					members += strings.Repeat(`,{"value":"u"}`, 1000)
				}
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
					Body: io.NopCloser(strings.NewReader(`{"id":"g1","displayName":"New","members":[` + members + `]}`))}
			})})
		if err != nil {
			t.Fatal(err)
		}
		for _, operation := range []connector.Operation{
			{Kind: connector.AddMembers, Members: []directory.Anchor{"v"}}, {Kind: connector.Update, Changes: []connector.Change{{Attribute: "externalId", Value: directory.Text("e")}}},
		} {
			operation.ID, operation.Type, operation.Target = "g", directory.Group, "g1"
			if outcome := c.Apply(t.Context(), []connector.Operation{operation})[0]; outcome.Err != nil {
				t.Errorf("%s, %s: %v", method, operation.Kind, outcome.Err)
			}
		}
	}
}

type roundTrip func(*http.Request) *http.Response

func (r roundTrip) RoundTrip(sent *http.Request) (*http.Response, error) { return r(sent), nil }

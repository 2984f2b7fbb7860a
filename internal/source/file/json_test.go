package file

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

// readAll reads content as a file of a name and returns the objects, in order.
func readAll(content, name string, options Options) ([]directory.Object, error) {
	options.Path = name
	options, err := New(options).options.withFormat()
	if err != nil {
		return nil, err
	}
	var objects []directory.Object
	pages := newIntake(name, func(page []source.Change) error {
		for _, change := range page {
			objects = append(objects, change.Object)
		}
		return nil
	})
	if err := pages.result(read(strings.NewReader(content), options, pages)); err != nil {
		return nil, err
	}
	err = pages.flush()
	return objects, err
}

func TestJSONObjects(t *testing.T) {
	t.Parallel()
	text, boolean := directory.Text, directory.Boolean
	user := func(id string, attributes map[string]directory.Value) directory.Object {
		return directory.Object{Type: directory.User, Anchor: directory.Anchor(id), Attributes: attributes}
	}
	none := map[string]directory.Value{}
	withManager := user("u1", none)
	withManager.References = map[string][]directory.Anchor{"manager": {"boss"}}
	deleted := user("u1", map[string]directory.Value{"deletedDateTime": text("2026-01-31T12:00:00Z")})
	deleted.Removed = directory.SoftDeleted
	group := func(members ...directory.Anchor) directory.Object {
		g := directory.Object{Type: directory.Group, Anchor: "g1", Attributes: none}
		if len(members) > 0 {
			g.References = map[string][]directory.Anchor{"members": members}
		}
		return g
	}
	cases := []struct {
		name, content string
		want          []directory.Object
	}{
		{"no people", `{"users":[]}`, nil},
		{"only an id", `{"users":[{"id":"u1"}]}`, []directory.Object{user("u1", none)}},
		{"byte order mark", "\ufeff{\"users\":[{\"id\":\"u1\"}]}\r\n", []directory.Object{user("u1", none)}},
		{"groups first", `{"groups":[{"id":"g1"}],"users":[{"id":"u1"}]}`, []directory.Object{group(), user("u1", none)}},
		{"only groups", `{"groups":[{"id":"g1"}]}`, []directory.Object{group()}},
		{
			"every kind of value",
			`{"users":[{"accountEnabled":false,"id":"u1","n":42,"big":12345678901234567890,"part":1.50,"exp":1e3,"no":null,
			  "list":["a",1,null,[]],"record":{"street":"Main","deep":{"x":true}},"empty":"","start":{"$dateTime":"2026-01-31T13:00:00+01:00"}}]}`,
			[]directory.Object{user("u1", map[string]directory.Value{
				"accountEnabled": boolean(false), "n": directory.Integer(42), "big": text("12345678901234567890"),
				"part": text("1.50"), "exp": text("1e3"), "no": directory.Null(), "empty": text(""),
				"list": directory.List(text("a"), directory.Integer(1), directory.Null(), directory.List()),
				"record": directory.Record(map[string]directory.Value{
					"street": text("Main"), "deep": directory.Record(map[string]directory.Value{"x": boolean(true)}),
				}),
				"start": directory.DateTime(utc(t, "2026-01-31T12:00:00Z")),
			})},
		},
		{"manager by id", `{"users":[{"id":"u1","manager":"boss"}]}`, []directory.Object{withManager}},
		{
			"manager expanded",
			`{"users":[{"id":"u1","manager":{"@odata.type":"#microsoft.graph.user","displayName":"B","x":[{"id":"no"}],"id":"boss"}}]}`,
			[]directory.Object{withManager},
		},
		{"manager null", `{"users":[{"id":"u1","manager":null}]}`, []directory.Object{user("u1", none)}},
		{"soft-deleted", `{"users":[{"deletedDateTime":"2026-01-31T12:00:00Z","id":"u1"}]}`, []directory.Object{deleted}},
		{
			"not soft-deleted", `{"users":[{"id":"u1","deletedDateTime":null}]}`,
			[]directory.Object{user("u1", map[string]directory.Value{"deletedDateTime": directory.Null()})},
		},
		{
			"members sorted, expanded, once, outside of the file", `{"groups":[{"id":"g1","members":["u2",{"id":"u1"},"u2","elsewhere"]}]}`,
			[]directory.Object{group("elsewhere", "u1", "u2")},
		},
		{"members null", `{"groups":[{"id":"g1","members":null}]}`, []directory.Object{group()}},
		{
			"annotations are ignored", `{"@odata.context":"x","users":[{"id":"u1","@odata.type":"y","manager@odata.context":{"a":[1]}}],"@odata.count":1}`,
			[]directory.Object{user("u1", none)},
		},
		{
			"names differ by case", `{"users":[{"id":"u1","ID":"x","a":"1","A":"2"},{"id":"U1"}]}`,
			[]directory.Object{user("u1", map[string]directory.Value{"ID": text("x"), "a": text("1"), "A": text("2")}), user("U1", none)},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(c.content, "people.json", Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

const (
	nothing  = "; nothing was read from the file"
	notWhole = "; the file does not parse whole, nothing was read from it"
)

func TestJSONErrors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	cases := []struct{ name, content, want string }{
		{"empty", "", `people.json:1:1: the file is empty; a source without people is {"users":[]}` + notWhole},
		{"only space", " \n\t", `people.json:1:1: the file is empty; a source without people is {"users":[]}` + notWhole},
		{"only a byte order mark", "\ufeff", `people.json:1:1: the file is empty; a source without people is {"users":[]}` + notWhole},
		{"empty object", " {}", `people.json:1:2: the file names no people; a source file has the lists "users" and "groups", and one without people is {"users":[]}` + nothing},
		{"a list", `[{"id":"u1"}]`, `people.json:1:1: the file holds a list; it must hold an object with the lists "users" and "groups"` + notWhole},
		{"unknown keys", "{\"users\":[],\n \"value\":[{\"id\":1}],\n \"Groups\":{}}", `people.json:2:2: unknown key "value", "Groups"; a source file has the lists "users" and "groups"` + nothing},
		{"users twice", `{"users":[],"users":[{"id":"u1"}]}`, `people.json:1:13: "users" occurs twice` + nothing},
		{"users null", `{"users":null}`, `people.json:1:10: "users" is null, not a list` + nothing},
		{"users an object", `{"users":{"id":["u1"]}}`, `people.json:1:10: "users" is an object, not a list` + nothing},
		{"one page of an answer", `{"users":[],"@odata.nextLink":"https://x"}`, `people.json:1:13: @odata.nextLink: the file is one page of a longer answer; fetch all pages and join them` + nothing},
		{"user not an object", `{"users":["u1",["u2"],7]}`, `people.json:1:11: user is text, not an object; 2 more bad records` + nothing},
		{"without id", "{\"users\":[\n  {\"id\":\"u1\"},\n  {\"displayName\":\"Ada\"},{},\n{\"id\":\"u2\"}]}", `people.json:3:3: user without id; 1 more bad record` + nothing},
		{"id empty", `{"users":[{"id":""}]}`, `people.json:1:17: user: id is empty` + nothing},
		{"id not text", `{"groups":[{"id":{"a":1},"id":3}]}`, `people.json:1:18: group: id is an object, not text` + nothing},
		{"id null", `{"groups":[{"id":null}]}`, `people.json:1:18: group: id is null, not text` + nothing},
		{"duplicate id", "{\"users\":[{\"id\":\"u1\"},\n{\"id\":\"u2\"},\n {\"id\":\"u1\"}],\"groups\":[{\"id\":\"u2\"}]}", `people.json:3:2: duplicate id "u1"; line 1, column 11 has it first; 1 more bad record` + nothing},
		{"duplicate of a bad record", "{\"users\":[{\"id\":\"u1\",\"mail\":1},\n{\"id\":\"u1\"}]}", `people.json:1:29: user "u1": mail is a number, not text; 1 more bad record` + nothing},
		{"property twice", `{"users":[{"id":"u1","x":1,"x":2},{"id":"u2","id":"u3"}]}`, `people.json:1:28: user "u1": "x" occurs twice; 1 more bad record` + nothing},
		{"property without a name", `{"users":[{"id":"u1","":1}]}`, `people.json:1:22: user "u1": property without a name` + nothing},
		{"accountEnabled text", `{"users":[{"id":"u1","accountEnabled":"true"}]}`, `people.json:1:39: user "u1": accountEnabled is text, not true or false` + nothing},
		{"accountEnabled number", `{"users":[{"accountEnabled":0,"id":"u1"}]}`, `people.json:1:29: user: accountEnabled is a number, not true or false` + nothing},
		{"displayName list", `{"users":[{"id":"u1","displayName":["A"]}]}`, `people.json:1:36: user "u1": displayName is a list, not text` + nothing},
		{"deletedDateTime false", `{"users":[{"id":"u1","deletedDateTime":false}]}`, `people.json:1:40: user "u1": deletedDateTime is not a time such as 2026-01-31T12:00:00Z, nor null` + nothing},
		{"deletedDateTime a word", `{"users":[{"id":"u1","deletedDateTime":"never"}]}`, `people.json:1:40: user "u1": deletedDateTime is not a time such as 2026-01-31T12:00:00Z, nor null` + nothing},
		{"manager number", `{"users":[{"id":"u1","manager":7}]}`, `people.json:1:32: user "u1": manager is a number, not an id` + nothing},
		{"manager list", `{"users":[{"id":"u1","manager":["u2"]}]}`, `people.json:1:32: user "u1": manager is a list, not an id` + nothing},
		{"manager empty", `{"users":[{"id":"u1","manager":""}]}`, `people.json:1:32: user "u1": manager is empty` + nothing},
		{"manager without id", `{"users":[{"id":"u1","manager":{"mail":"b"}}]}`, `people.json:1:32: user "u1": manager is an object without an id` + nothing},
		{"members text", `{"groups":[{"id":"g1","members":"u1"}]}`, `people.json:1:33: group "g1": members is text, not a list of ids` + nothing},
		{"member number", `{"groups":[{"id":"g1","members":["u1",2,null]}]}`, `people.json:1:39: group "g1": member is a number, not an id` + nothing},
		{"members cut off", `{"groups":[{"id":"g1","members":[],"members@odata.nextLink":"x"}]}`, `people.json:1:36: group "g1": members@odata.nextLink: only the first members of a longer list are in the file; fetch all of them` + nothing},
		{"delta answer", `{"users":[{"id":"u1","@removed":{"reason":"deleted"}}]}`, `people.json:1:22: user "u1": @removed: this is an answer of a delta query; a source file holds everything, not changes` + nothing},
		{"date-time of another form", `{"users":[{"id":"u1","start":{"$dateTime":"soon"}}]}`, `people.json:1:30: user "u1": "start" is not a time such as 2026-01-31T12:00:00Z` + nothing},
		{"record with a field twice", `{"users":[{"id":"u1","r":{"a":1,"a":2}}]}`, `people.json:1:33: user "u1": "a" occurs twice in "r"` + nothing},
		{"columns are characters", `{"users":[{"id":"夏é","mail":3}]}`, `people.json:1:29: user "夏é": mail is a number, not text` + nothing},
		{"cut off", "{\"users\":[{\"id\":\"u1\"},\n", `people.json:2:1: unexpected end of JSON` + notWhole},
		{"cut off inside text", "{\"users\":[\n{\"id\":\"u1", `people.json:2:7: unexpected end of JSON` + notWhole},
		{"comma missing", "{\"users\":[{\"id\":\"u1\"}\n  {\"id\":\"u2\"}]}", `people.json:2:3: not JSON: invalid character '{' after array element` + notWhole},
		{"comma too many", `{"users":[{"id":"u1"},]}`, `people.json:1:23: not JSON: invalid character ']' looking for beginning of value` + notWhole},
		{"text behind", "{\"users\":[]}\n{}", `people.json:2:1: text after the end of the JSON object` + notWhole},
		{"rubbish behind", `{"users":[]} x`, `people.json:1:14: not JSON: invalid character 'x' looking for beginning of value` + notWhole},
		{"bad record and cut off", `{"users":[{"mail":"x"},{"id":"u2"`, `people.json:1:11: user without id; the file does not parse whole either (1:34: unexpected end of JSON), nothing was read from it`},
		{"nested too deeply", `{"users":[{"id":"u1","x":` + deep + `}]}`, `people.json:1:91: user "u1": "x" is nested deeper than 64 levels` + notWhole},
		{"UTF-16", "\xff\xfe{\x00", `people.json:1:1: the file is UTF-16; save it as UTF-8` + notWhole},
		{"UTF-16 without mark", "\x00{\x00\"", `people.json:1:1: the file is UTF-16; save it as UTF-8` + notWhole},
		{"Latin-1", "{\"users\":[\n{\"id\":\"Andr\xe9\"}]}", `people.json:2:12: invalid UTF-8; save the file as UTF-8` + notWhole},
		{"character cut off", "{\"users\":[]}\xc3", `people.json:1:13: invalid UTF-8; save the file as UTF-8` + notWhole},
		{"zero byte", "{\"users\":[\x00]}", `people.json:1:11: zero byte; the file is not text` + notWhole},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkError(t, c.content, "people.json", Options{}, c.want)
		})
	}
}

func checkError(t *testing.T, content, name string, options Options, want string) {
	t.Helper()
	objects, err := readAll(content, name, options)
	if err == nil {
		t.Fatalf("got %v, want the error %s", objects, want)
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if kind := directory.KindOf(err); kind != directory.Invalid {
		t.Errorf("kind %s, want invalid", kind)
	}
}

// TestChunkBoundaries moves a two-byte character and a bad record over every place where a chunk can end.
func TestChunkBoundaries(t *testing.T) {
	t.Parallel()
	for shift := range 4 {
		padding := strings.Repeat("\n", chunk-26-shift)
		content := padding + `{"users":[{"id":"éééééééé"},` + "\n" + `{"id":"éé","mail":1}]}`
		_, err := readAll(content, "people.json", Options{})
		want := fmtPlace("people.json", chunk-26-shift+2, 19) + `: user "éé": mail is a number, not text` + nothing
		if err == nil || err.Error() != want {
			t.Errorf("shift %d: got %v, want %s", shift, err, want)
		}
	}
}

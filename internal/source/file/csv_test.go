package file

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func utc(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func fmtPlace(name string, line, column int) string {
	return fmt.Sprintf("%s:%d:%d", name, line, column)
}

func TestCSVObjects(t *testing.T) {
	t.Parallel()
	text := directory.Text
	user := func(id string, attributes map[string]directory.Value) directory.Object {
		return directory.Object{Type: directory.User, Anchor: directory.Anchor(id), Attributes: attributes}
	}
	group := func(name string, members ...directory.Anchor) directory.Object {
		return directory.Object{
			Type: directory.Group, Anchor: directory.Anchor(name),
			Attributes: map[string]directory.Value{"displayName": text(name), "securityEnabled": directory.Boolean(true)},
			References: map[string][]directory.Anchor{"members": members},
		}
	}
	none := map[string]directory.Value{}
	full := user("u1", map[string]directory.Value{
		"accountEnabled": directory.Boolean(false), "deletedDateTime": text("2026-01-31"), "department": text("Sales"),
	})
	full.Removed = directory.SoftDeleted
	full.References = map[string][]directory.Anchor{"manager": {"u2"}}
	ada := []directory.Object{user("u1", map[string]directory.Value{"displayName": text("Ada")})}
	cases := []struct {
		name, content string
		options       Options
		want          []directory.Object
	}{
		{"header only", "id,displayName\n", Options{}, nil},
		{"comma", "id,displayName\nu1,Ada\n", Options{}, ada},
		{"semicolon", "id;displayName\nu1;Ada\n", Options{}, ada},
		{"tab", "id\tdisplayName\nu1\tAda\n", Options{}, ada},
		{"byte order mark, CRLF, no last newline", "\ufeffid,displayName\r\nu1,Ada", Options{}, ada},
		{"blank lines", "\n\nid,displayName\n\nu1,Ada\n\n", Options{}, ada},
		{"space in the header and around the id", " id , displayName\n u1 ,Ada\n", Options{}, ada},
		{"only the id column", "id\nu1\n", Options{}, []directory.Object{user("u1", none)}},
		{"quoted header with a semicolon", "id,\"a;b;c\"\nu1,x\n", Options{}, []directory.Object{user("u1", map[string]directory.Value{"a;b;c": text("x")})}},
		{
			"known columns", "id,accountEnabled,deletedDateTime,manager,department,mail\nu1,FALSE,2026-01-31,u2,Sales,\n", Options{},
			[]directory.Object{full},
		},
		{
			"cells keep their text", "id,a,b\nu1,0042,\" x, \"\"y\"\"\nz\"\n", Options{},
			[]directory.Object{user("u1", map[string]directory.Value{"a": text("0042"), "b": text(" x, \"y\"\nz")})},
		},
		{
			"groups sorted, members sorted and once", "id,groups\nu2,Sales;IT\nu1, IT ;;IT;Sales \nu3,\n", Options{},
			[]directory.Object{user("u2", none), user("u1", none), user("u3", none), group("IT", "u1", "u2"), group("Sales", "u1", "u2")},
		},
		{
			"columns of other names", "no;teams\n7;a|b\n", Options{IDColumn: "no", GroupsColumn: "teams", GroupsSeparator: "|"},
			[]directory.Object{user("7", map[string]directory.Value{"no": text("7")}), group("a", "7"), group("b", "7")},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(c.content, "people.csv", c.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCSVErrors(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, content, want string }{
		{"empty", "\n\n", `people.csv:1:1: the file is empty; a CSV source starts with a header row, and one without people is only that row` + notWhole},
		{"no id column", "ID|name\nu1|Ada\n", `people.csv:1:1: no column "id"; the header row has "ID|name" (upper and lower case differ, the delimiter was taken to be ',')` + notWhole},
		{"column twice", "id,mail, mail\n", `people.csv:1:9: two columns are called "mail"` + notWhole},
		{"column without a name", "id,mail,\n", `people.csv:1:9: column 3 of the header row has no name` + notWhole},
		{"without id", "id,mail\nu1,a\n,b\n ,c\nu2,d\n", `people.csv:3:1: user without id; 1 more bad record` + nothing},
		{"duplicate id", "id,mail\nu1,a\nu2,b\nu1,c\n", `people.csv:4:1: duplicate id "u1"; line 2, column 1 has it first` + nothing},
		{"short and long rows", "id,mail\nu1\nu2,b\nu3,c,d\n", `people.csv:2:1: the row has 1 cells, the header row has 2; 1 more bad record` + nothing},
		{"accountEnabled a word", "id,a,accountEnabled\nu1,夏x,yes\n", `people.csv:2:7: user "u1": accountEnabled is "yes", not true or false` + nothing},
		{"behind a cell of two lines", "id,a,accountEnabled\nu1,\"x\né\",yes\n", `people.csv:3:4: user "u1": accountEnabled is "yes", not true or false` + nothing},
		{"deletedDateTime a word", "id,deletedDateTime\nu1,false\n", `people.csv:2:4: user "u1": deletedDateTime is "false", not a time such as 2026-01-31T12:00:00Z` + nothing},
		{"group named like a user", "id,groups\nu1,u2\nu2,u1\nu3,Sales\n", `people.csv:2:4: group "u2" has the same name as the id of the user in line 3; a member or manager could mean either; 1 more bad record` + nothing},
		{"quote not closed", "id,mail\nu1,\"a\nu2,b\n", `people.csv:3:5: not CSV: extraneous or missing " in quoted-field (in the row that starts in line 2)` + notWhole},
		{"bare quote", "id,mail\nu1,a\"b\n", `people.csv:2:5: not CSV: bare " in non-quoted-field` + notWhole},
		{"Latin-1", "id,name\nu1,Andr\xe9\n", `people.csv:2:8: invalid UTF-8; save the file as UTF-8` + notWhole},
		{"Latin-1 in quotes", "id,name\nu1,\"Andr\xe9\"\n", `people.csv:2:9: invalid UTF-8; save the file as UTF-8` + notWhole},
		{"UTF-16", "\xfe\xff\x00i\x00d", `people.csv:1:1: the file is UTF-16; save it as UTF-8` + notWhole},
		{"long values are shortened", "id,accountEnabled\nu1," + strings.Repeat("é", 99) + "\n", `people.csv:2:4: user "u1": accountEnabled is "` + strings.Repeat("é", 60) + `"…, not true or false` + nothing},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkError(t, c.content, "people.csv", Options{}, c.want)
		})
	}
}

package file

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// csvReader reads users row by row and collects the groups they name.
type csvReader struct {
	text    *text
	rows    *csv.Reader
	options Options
	intake  *intake

	header     []string
	id, groups int // columns; groups is -1 when there is none
	members    map[string]*csvGroup
}

// csvGroup is a group while its members are collected.
type csvGroup struct {
	at      position // where it is first named
	members []directory.Anchor
}

func readCSV(text *text, options Options, intake *intake) error {
	buffered := bufio.NewReaderSize(text, chunk)
	r := &csvReader{
		text: text, options: options, intake: intake,
		rows: csv.NewReader(buffered), members: map[string]*csvGroup{},
	}
	r.rows.Comma = delimiter(buffered)
	// Checked here instead, so that a short row is one bad record with a position.
	r.rows.FieldsPerRecord = -1
	r.rows.ReuseRecord = true
	if err := r.readHeader(); err != nil {
		return err
	}
	for {
		row, err := r.row()
		if errors.Is(err, io.EOF) {
			return r.deliverGroups()
		}
		if err != nil {
			return err
		}
		if err := r.user(row); err != nil {
			return err
		}
	}
}

// delimiter chooses comma, semicolon or tab: whichever the header row has most of, outside of quotes.
func delimiter(text *bufio.Reader) rune {
	// An error here comes again when the rows are read.
	start, _ := text.Peek(chunk)
	start = bytes.TrimLeft(start, "\r\n")
	count := map[byte]int{}
	inQuotes := false
	for _, b := range start {
		if b == '"' {
			inQuotes = !inQuotes
		}
		if inQuotes {
			continue
		}
		if b == '\n' {
			break
		}
		count[b]++
	}
	best := byte(',')
	for _, candidate := range []byte{';', '\t'} {
		if count[candidate] > count[best] {
			best = candidate
		}
	}
	return rune(best)
}

func (r *csvReader) readHeader() error {
	header, err := r.row()
	if errors.Is(err, io.EOF) {
		return &flaw{at: position{1, 1}, message: "the file is empty; a CSV source starts with a header row, and one without people is only that row"}
	}
	if err != nil {
		return err
	}
	r.id, r.groups = -1, -1
	var names []string
	for i, name := range header {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			return &flaw{at: r.cell(i), message: fmt.Sprintf("column %d of the header row has no name", i+1)}
		case slices.Contains(r.header, name):
			return &flaw{at: r.cell(i), message: fmt.Sprintf("two columns are called %s", quoted(name))}
		case name == r.options.IDColumn:
			r.id = i
		case name == r.options.GroupsColumn:
			r.groups = i
		}
		r.header = append(r.header, name)
		names = append(names, quoted(name))
	}
	if r.id < 0 {
		return &flaw{at: r.cell(0), message: fmt.Sprintf("no column %q; the header row has %s (upper and lower case differ, the delimiter was taken to be %q)",
			r.options.IDColumn, strings.Join(names, ", "), r.rows.Comma)}
	}
	return nil
}

// row reads the next row. The text stands at its beginning afterwards, for the positions of its cells.
func (r *csvReader) row() ([]string, error) {
	r.text.pass(r.rows.InputOffset())
	row, err := r.rows.Read()
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		message := fmt.Sprintf("not CSV: %s", parse.Err)
		if parse.Line != parse.StartLine {
			message += fmt.Sprintf(" (in the row that starts in line %d)", parse.StartLine)
		}
		return nil, &flaw{at: r.text.locate(parse.Line, parse.Column), message: message}
	}
	return row, err
}

// cell returns the position of a cell of the row just read.
func (r *csvReader) cell(i int) position {
	return r.text.locate(r.rows.FieldPos(i))
}

func (r *csvReader) user(row []string) error {
	at := r.cell(0)
	if len(row) != len(r.header) {
		r.intake.reject(at, "the row has %d cells, the header row has %d", len(row), len(r.header))
		return nil
	}
	// The cells of a row share memory; a copy of the id keeps the whole row from staying.
	id := directory.Anchor(strings.Clone(strings.TrimSpace(row[r.id])))
	if id == "" {
		r.intake.reject(at, "user without %s", r.options.IDColumn)
		return nil
	}
	user := directory.Object{Type: directory.User, Anchor: id, Attributes: make(map[string]directory.Value, len(row))}
	for i, cell := range row {
		if cell == "" || i == r.groups {
			continue
		}
		name := r.header[i]
		switch {
		case name == directory.AttributeAccountEnabled:
			enabled, ok := parseBoolean(cell)
			if !ok {
				r.intake.reject(r.cell(i), "user %s: %s is %s, not true or false", quoted(string(id)), name, quoted(cell))
				return nil
			}
			user.Attributes[name] = directory.Boolean(enabled)
		case name == directory.ReferenceManager:
			if manager := strings.TrimSpace(cell); manager != "" {
				user.References = map[string][]directory.Anchor{name: {directory.Anchor(manager)}}
			}
		case name == attributeDeletedDateTime:
			if !deletionTime(cell) {
				r.intake.reject(r.cell(i), "user %s: %s is %s, not a time such as 2026-01-31T12:00:00Z", quoted(string(id)), name, quoted(cell))
				return nil
			}
			user.Attributes[name] = directory.Text(cell)
			user.Removed = directory.SoftDeleted
		case name != "id" || i != r.id:
			user.Attributes[name] = directory.Text(cell)
		}
	}
	if r.groups >= 0 {
		r.join(id, row[r.groups])
	}
	return r.intake.accept(user, at)
}

func parseBoolean(cell string) (value, ok bool) {
	switch {
	case strings.EqualFold(cell, "true"):
		return true, true
	case strings.EqualFold(cell, "false"):
		return false, true
	default:
		return false, false
	}
}

// join records the groups a user is in.
func (r *csvReader) join(id directory.Anchor, cell string) {
	for name := range strings.SplitSeq(cell, r.options.GroupsSeparator) {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		group := r.members[name]
		if group == nil {
			group = &csvGroup{at: r.cell(r.groups)}
			r.members[strings.Clone(name)] = group
		}
		group.members = append(group.members, id)
	}
}

// deliverGroups hands on the groups after the users, sorted by name.
func (r *csvReader) deliverGroups() error {
	for _, name := range slices.Sorted(maps.Keys(r.members)) {
		group := r.members[name]
		slices.Sort(group.members)
		if user, taken := r.intake.seen[directory.Anchor(name)]; taken {
			r.intake.reject(group.at, "group %s has the same name as the id of the user in line %d; a member or manager could mean either",
				quoted(name), user.line)
			continue
		}
		err := r.intake.accept(directory.Object{
			Type: directory.Group, Anchor: directory.Anchor(name),
			Attributes: map[string]directory.Value{
				directory.AttributeDisplayName:     directory.Text(name),
				directory.AttributeSecurityEnabled: directory.Boolean(true),
			},
			References: map[string][]directory.Anchor{directory.ReferenceMembers: slices.Compact(group.members)},
		}, group.at)
		if err != nil {
			return err
		}
	}
	return nil
}

package file

import (
	"errors"
	"fmt"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

// intake takes the objects of one file: it hands them on in pages, and counts the bad records.
type intake struct {
	path    string
	deliver func([]source.Change) error
	page    []source.Change
	seen    map[directory.Anchor]position
	first   flaw // the bad record that comes first in the file
	bad     int
}

func newIntake(path string, deliver func([]source.Change) error) *intake {
	return &intake{path: path, deliver: deliver, seen: map[directory.Anchor]position{}}
}

// accept takes an object that stands at a position. Its error is the deliverer's, unchanged.
func (i *intake) accept(object directory.Object, at position) error {
	if other, twice := i.seen[object.Anchor]; twice {
		i.reject(at, "duplicate id %s; line %d, column %d has it first", quoted(string(object.Anchor)), other.line, other.column)
		return nil
	}
	i.seen[object.Anchor] = at
	// Nothing of a bad file will be used; the rest is read only to count.
	if i.bad > 0 {
		i.page = nil
		return nil
	}
	if len(i.page) == source.PageSize {
		if err := i.flush(); err != nil {
			return err
		}
	}
	i.page = append(i.page, source.Change{Object: object})
	return nil
}

// reject counts a bad record.
func (i *intake) reject(at position, format string, args ...any) {
	if i.bad == 0 || at.before(i.first.at) {
		i.first = flaw{at: at, message: fmt.Sprintf(format, args...)}
	}
	i.bad++
}

// flush delivers what has been accepted and not delivered.
func (i *intake) flush() error {
	if len(i.page) == 0 {
		return nil
	}
	page := i.page
	// A fresh page each time: the receiver may keep what it got.
	i.page = make([]source.Change, 0, len(page))
	return i.deliver(page)
}

// result turns how reading ended (nil or a flaw), and the bad records met, into the error of the whole read.
func (i *intake) result(err error) error {
	end, stopped := errors.AsType[*flaw](err)
	switch {
	case !stopped && i.bad == 0:
		return err
	case !stopped:
		return directory.Errorf(directory.Invalid, "%s%s; nothing was read from the file", i.place(i.first), i.more())
	case i.bad == 0:
		return directory.Errorf(directory.Invalid, "%s; the file does not parse whole, nothing was read from it", i.place(*end))
	default:
		return directory.Errorf(directory.Invalid, "%s%s; the file does not parse whole either (%d:%d: %s), nothing was read from it",
			i.place(i.first), i.more(), end.at.line, end.at.column, end.message)
	}
}

func (i *intake) place(f flaw) string {
	return fmt.Sprintf("%s:%d:%d: %s", i.path, f.at.line, f.at.column, f.message)
}

func (i *intake) more() string {
	switch i.bad {
	case 1:
		return ""
	case 2:
		return "; 1 more bad record"
	default:
		return fmt.Sprintf("; %d more bad records", i.bad-1)
	}
}

// quoted prints a piece of the file for a message, shortened.
func quoted(s string) string {
	const most = 60
	runes := []rune(s)
	if len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", s)
}

// attributeDeletedDateTime marks a soft-deleted object (Graph: directoryObject).
const attributeDeletedDateTime = "deletedDateTime"

// deletionTime reports whether text can say when an object was deleted. A word like "false" must not
// take somebody's access away.
func deletionTime(text string) bool {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

package wikiapp

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// state is the form in which accounts and groups are kept between runs.
type state struct {
	Users  []savedRecord `json:"users"`
	Groups []savedRecord `json:"groups"`
}

type savedRecord struct {
	ID         string         `json:"id"`
	Created    time.Time      `json:"created"`
	Modified   time.Time      `json:"modified"`
	Attributes map[string]any `json:"attributes"`
	Members    []string       `json:"members,omitempty"`
}

// Save writes all accounts and groups as JSON. The request log is not part of it.
func (a *App) Save(w io.Writer) error {
	a.mu.RLock()
	saved := func(c *collection) []savedRecord {
		out := make([]savedRecord, 0, len(c.order))
		for _, r := range c.order {
			s := savedRecord{ID: r.id, Created: r.created, Modified: r.modified, Attributes: r.attrs}
			if r.members != nil {
				s.Members = r.members.ids()
			}
			out = append(out, s)
		}
		return out
	}
	s := state{Users: saved(a.users), Groups: saved(a.groups)}
	a.mu.RUnlock()
	return json.NewEncoder(w).Encode(s)
}

// Load replaces all accounts and groups by what Save wrote. On an error the application is unchanged.
func (a *App) Load(r io.Reader) error {
	var s state
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return fmt.Errorf("read saved accounts: %w", err)
	}
	fresh := New(Options{})
	fresh.users.kind, fresh.groups.kind = a.users.kind, a.groups.kind
	for _, part := range []struct {
		c    *collection
		rows []savedRecord
	}{{fresh.users, s.Users}, {fresh.groups, s.Groups}} {
		for _, row := range part.rows {
			if err := fresh.restore(part.c, row); err != nil {
				return err
			}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	*a.users, *a.groups, a.memberOf = *fresh.users, *fresh.groups, fresh.memberOf
	return nil
}

func (a *App) restore(c *collection, row savedRecord) error {
	r := &record{id: row.ID, created: row.Created, modified: row.Modified, attrs: row.Attributes}
	switch {
	case r.id == "" || c.name(r) == "":
		return fmt.Errorf("read saved accounts: %s %q has no id or no %s", c.kind.name, r.id, c.kind.naming)
	case c.byID[r.id] != nil || c.named(c.name(r)) != nil:
		return fmt.Errorf("read saved accounts: %s %q appears twice", c.kind.name, c.name(r))
	}
	if c == a.groups {
		r.members = newMemberSet()
	}
	c.insert(r)
	for _, id := range row.Members {
		if a.users.byID[id] == nil || c != a.groups {
			return fmt.Errorf("read saved accounts: %s %q has the unknown member %q", c.kind.name, c.name(r), id)
		}
		a.join(r, id)
	}
	return nil
}

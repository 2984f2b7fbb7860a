package wikiapp

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// Prefix is the path under which the SCIM endpoints are served.
const Prefix = "/scim/v2"

// Options configures an App. The zero value is an open application with no log and pages of 200.
type Options struct {
	// Token is the bearer token every SCIM request must carry. Empty means that none is asked for.
	Token string
	// Log receives one line per SCIM request. Nil means no log; GET /log shows it in any case.
	Log io.Writer
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// PageLimit is the largest number of resources in one answer. Zero means 200.
	PageLimit int
	// BulkOperations is the largest number of operations in one bulk request. Zero means that bulk is not offered.
	BulkOperations int
	// Latency is how long every SCIM request waits before it is looked at: a network far away.
	Latency time.Duration
}

// App is the application: an http.Handler with its own state. It is safe for concurrent use.
type App struct {
	options  Options
	requests requestLog

	mu       sync.RWMutex
	users    *collection
	groups   *collection
	memberOf map[string]map[string]bool // user id to the ids of the user's groups
}

// New returns an application without accounts.
func New(o Options) *App {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PageLimit <= 0 {
		o.PageLimit = 200
	}
	return &App{
		options:  o,
		requests: requestLog{out: o.Log},
		users:    newCollection(userType()),
		groups:   newCollection(groupType()),
		memberOf: map[string]map[string]bool{},
	}
}

// User is an account as a test or a page wants to see it.
type User struct {
	ID, ExternalID         string
	UserName, DisplayName  string
	GivenName, FamilyName  string
	Title, Email           string // Email is the one of type work
	Department, EmployeeID string
	ManagerID              string // id of the manager's account
	Active                 bool
	Groups                 []string       // display names, sorted
	Attributes             map[string]any // everything stored, as SCIM names it; a copy
}

// Group is a group with the user names of its members, sorted.
type Group struct {
	ID, ExternalID, DisplayName string
	Members                     []string
}

// Users returns all accounts, sorted by user name. The result is a copy.
func (a *App) Users() []User {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]User, 0, len(a.users.order))
	for _, r := range a.users.order {
		out = append(out, a.user(r))
	}
	slices.SortFunc(out, func(x, y User) int { return cmp.Compare(x.UserName, y.UserName) })
	return out
}

// Groups returns all groups, sorted by display name. The result is a copy.
func (a *App) Groups() []Group {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]Group, 0, len(a.groups.order))
	for _, r := range a.groups.order {
		g := Group{ID: r.id, ExternalID: r.text("externalId"), DisplayName: r.text("displayName")}
		for id := range r.members.at {
			g.Members = append(g.Members, a.users.name(a.users.byID[id]))
		}
		slices.Sort(g.Members)
		out = append(out, g)
	}
	slices.SortFunc(out, func(x, y Group) int { return cmp.Compare(x.DisplayName, y.DisplayName) })
	return out
}

func (a *App) user(r *record) User {
	attrs, _ := cloned(r.attrs).(map[string]any)
	name, _ := attrs["name"].(map[string]any)
	work, _ := attrs[urnEnterprise].(map[string]any)
	manager, _ := work["manager"].(map[string]any)
	text := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	u := User{
		ID: r.id, ExternalID: r.text("externalId"),
		UserName: r.text("userName"), DisplayName: r.text("displayName"),
		GivenName: text(name, "givenName"), FamilyName: text(name, "familyName"),
		Title: r.text("title"), Department: text(work, "department"), EmployeeID: text(work, "employeeNumber"),
		ManagerID: text(manager, "value"), Active: attrs["active"] == true,
		Attributes: attrs,
	}
	emails, _ := attrs["emails"].([]any)
	for _, e := range emails {
		if m, _ := e.(map[string]any); m["type"] == "work" {
			u.Email = text(m, "value")
		}
	}
	for _, g := range a.groupsOf(r.id) {
		u.Groups = append(u.Groups, g.text("displayName"))
	}
	return u
}

// groupsOf lists the groups of a user, sorted by name.
func (a *App) groupsOf(userID string) []*record {
	var out []*record
	for id := range maps.Keys(a.memberOf[userID]) {
		out = append(out, a.groups.byID[id])
	}
	slices.SortFunc(out, func(x, y *record) int { return cmp.Compare(x.text("displayName"), y.text("displayName")) })
	return out
}

func (a *App) join(group *record, userID string) {
	group.members.add(userID)
	if a.memberOf[userID] == nil {
		a.memberOf[userID] = map[string]bool{}
	}
	a.memberOf[userID][group.id] = true
}

func (a *App) leave(group *record, userID string) {
	group.members.remove(userID)
	if delete(a.memberOf[userID], group.id); len(a.memberOf[userID]) == 0 {
		delete(a.memberOf, userID)
	}
}

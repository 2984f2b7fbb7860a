package adversary_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv/adversary"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv/scenario"
)

const token = "s3cr3t-t0ken"

// budget is how many requests a stage may take, with the cycles that repeat it. A server that gets nothing wrong takes less
// than a third.
const budget = 150

// resting is how many requests a cycle takes in which nothing happened: the connection test, of users and of groups.
const resting = 2

// trialName is what the throw-away group is called.
const trialName = "terraform-provider-provisioning trial group, safe to delete"

// life is one server that is put through the scenario.
type life struct {
	t   *testing.T
	row adversary.Row
	way adversary.Way
	// lenient: what is not as it should be must have been told, and need not be reached.
	lenient bool
	server  *adversary.Server
	world   *scenario.World
	// strangers are the accounts nobody may touch, as they were.
	strangers map[string]testenv.Resource
	had       map[string]bool
	stage     *watched
	log       []string
	// told are all the texts that somebody was told.
	told     []string
	problems []string
}

// watched is what the requests of one stage are held against.
type watched struct {
	requests, writes int
	before           testenv.Dump
	// wanted are the users at the end of the stage, by name: whether they are on.
	wanted map[string]bool
	// staying are the ids of members that are in a group and stay there, by the group's id.
	staying map[string][]string
}

// live puts a server through all stages and returns what went wrong.
func live(t *testing.T, row adversary.Row, way adversary.Way, wrong ...adversary.Switch) (l *life) {
	row = row.In(way)
	synctest.Test(t, func(t *testing.T) {
		l = &life{t: t, row: row, way: way, lenient: len(wrong) > 1, had: map[string]bool{}, server: adversary.New(adversary.Options{
			Token: token, Wrong: wrong, Bulk: way.Bulk, Overtaking: way.Concurrency > 1})}
		l.inhabit()
		transport := testenv.Pipe(t, l.server)
		l.world = scenario.NewWorld(t, func(learned []byte) (connector.Connector, error) {
			return scim.New(scim.Options{BaseURL: "http://localhost:1" + adversary.Prefix, BearerToken: secret.New(token), Transport: transport, Learned: learned,
				RateLimit: pace.Limit{RequestsPerSecond: 1e6, Burst: 1e6, Concurrency: way.Concurrency}, Profile: way.Profile, Bulk: way.BulkOption(),
				NotFoundIsEmpty: row.Set.NotFoundIsEmpty, VerifyMembers: row.Set.VerifyMembers, MaxBody: 1 << 20})
		})
		l.server.Watch = l.watch
		for _, stage := range scenario.Stages() {
			if l.play(stage); len(l.problems) > 0 {
				return
			}
		}
		l.rest()
	})
	return l
}

// inhabit makes the accounts that are there before anybody provisions: three that belong to people of the scenario, in another
// spelling, and strangers whose names are like theirs.
func (l *life) inhabit() {
	own := func(name string) { l.server.Put(map[string]any{"userName": name, "active": true, "nickName": "Old"}) }
	own("Bob@Example.com")
	for i, name := range []string{"ada@example.com.au", "fay@example.community", "cynthia", "staff@example.com", "p01@example.co", "xada@example.com", "lou@example.net", "eve"} {
		if i == 4 {
			own("Hal@Example.com")
		}
		l.server.Put(map[string]any{"userName": name, "active": true, "displayName": "everyone", "externalId": fmt.Sprintf("x-%d", i),
			"nickName": strings.Split("ada@example.com fay@example.com cynthia@example.com staff new club lou@example.com gus@example.com", " ")[i]})
	}
	own("Gus@Example.com")
	l.strangers = map[string]testenv.Resource{}
	for _, r := range l.server.Dump().Users {
		if strings.HasPrefix(r.Text("externalId"), "x-") {
			l.strangers[r.ID] = r
		}
	}
}

// strange recognises whoever nobody provisions: guests come while the lists are read. Gus waits for his stage.
func (l *life) strange(r testenv.Resource) bool {
	name := strings.ToLower(r.Text("userName"))
	return strings.HasPrefix(r.Text("externalId"), "x-") || strings.HasPrefix(name, "guest") ||
		r.Text("nickName") == "Old" && !l.had[strings.TrimSuffix(name, "@example.com")]
}

func (l *life) problem(format string, args ...any) {
	if len(l.problems) < 8 {
		l.problems = append(l.problems, fmt.Sprintf(format, args...))
	}
}

// play lives one stage: the cycle, and as many more as the row says may be needed.
func (l *life) play(s scenario.Stage) {
	if s.Before != nil {
		s.Before(l.server)
	}
	for _, p := range s.Directory.People {
		if !p.Off {
			l.had[p.ID] = true
		}
	}
	want := scenario.Lines(s.Directory, l.had)
	l.begin(want)
	l.log = nil
	before := scenario.Text(scenario.Render(l.server.Dump(), l.strange))
	l.world.Put(s.Directory)
	told := l.cycle()
	for range l.row.Rounds {
		if told.Calm() {
			break
		}
		time.Sleep(24 * time.Hour) // in the bubble of synctest: every pause is over
		told = l.cycle()
	}
	if l.row.Refused {
		if after := scenario.Text(scenario.Render(l.server.Dump(), l.strange)); told.Err == nil || l.stage.writes > 0 || after != before && s.Before == nil {
			l.problem("%s: nothing should be done, but: error %v, %d writes", s.Name, told.Err, l.stage.writes)
		}
		return
	}
	l.judge(s, want, told)
}

func (l *life) cycle() scenario.Told {
	told := l.world.Cycle(l.t.Context())
	for _, f := range told.Failures {
		l.told = append(l.told, f.Message)
	}
	for _, f := range told.Facts {
		l.told = append(l.told, f.Name+": "+f.Value+" ("+f.Reason+")")
	}
	l.told = append(l.told, told.Warnings...)
	if told.Err != nil {
		l.told = append(l.told, told.Err.Error())
	}
	return told
}

// judge compares the end of a stage with what must hold.
func (l *life) judge(s scenario.Stage, want []scenario.Line, told scenario.Told) {
	got := scenario.Render(l.server.Dump(), l.strange)
	if kept := l.kept(want); len(kept) > 0 && told.Calm() && len(told.Warnings) == 0 && !l.row.Blind {
		l.problem("%s: nobody is told of access that is kept: %s", s.Name, strings.Join(kept, ", "))
	}
	fields, names, extra := l.exceptions(want)
	want, got = scenario.Without(want, fields, names), scenario.Without(got, fields, append(names, extra...))
	for _, name := range append(names, extra...) {
		want, got = scenario.Leave(want, name), scenario.Leave(got, name)
	}
	diff := cmp.Diff(scenario.Text(want), scenario.Text(got))
	if l.lenient {
		if diff != "" && told.Calm() && !l.row.Blind {
			l.problem("%s, and nobody is told (-want +got):\n%s", s.Name, diff)
		}
		return
	}
	if diff != "" {
		l.problem("%s (-want +got):\n%s", s.Name, diff)
	}
	if told.Err != nil {
		l.problem("%s ends with: %v", s.Name, told.Err)
	}
	if len(l.row.Except) == 0 && !l.row.Doubts && !told.Calm() {
		l.problem("%s is not calm: %+v", s.Name, told)
	}
	if l.stage.requests > budget {
		l.problem("%s takes %d requests, more than %d", s.Name, l.stage.requests, budget)
	}
}

// kept is the access that somebody has at the end of a stage and should not have: accounts that are on, and memberships. Whoever
// came without us is nobody's concern.
func (l *life) kept(want []scenario.Line) (kept []string) {
	d := l.server.Dump()
	wanted := map[string]scenario.Line{}
	for _, line := range want {
		wanted[line.Name] = line
	}
	for _, user := range d.Users {
		line, ok := wanted[strings.ToLower(user.Text("userName"))]
		if off := !ok || line.Fields[0].Value == "false"; off && user.Active() && !l.strange(user) {
			kept = append(kept, user.Text("userName"))
		}
	}
	for _, group := range d.Groups {
		line, ok := wanted["group "+group.Text("displayName")]
		var members []string
		if ok {
			members = strings.Fields(strings.Trim(line.Fields[0].Value, "[]"))
		}
		for _, id := range group.Members {
			// Whoever is switched off has nothing of it.
			user, there := d.User(d.Name(id))
			if name := d.Name(id); there && user.Active() && !slices.Contains(members, name) {
				kept = append(kept, name+" in "+group.Text("displayName"))
			}
		}
	}
	return kept
}

// exceptions are the fields and the lines that the row does not ask for, and lines that may be there besides.
func (l *life) exceptions(want []scenario.Line) (fields, names, extra []string) {
	for _, aspect := range l.row.Except {
		switch aspect {
		case adversary.Active:
			fields = append(fields, "active")
		case adversary.Title:
			fields = append(fields, "title")
		case adversary.Emails:
			fields = append(fields, "mail")
		case adversary.Manager:
			fields = append(fields, "manager")
		case adversary.Members:
			fields = append(fields, "members")
		case adversary.Deletions:
			extra = append(extra, "lou@example.com", "kim@example.com", "group new")
		case adversary.Trial:
			extra = append(extra, "group "+trialName)
		case adversary.Vanished:
			names = append(names, "p16@example.com")
		case adversary.Updates:
			// Whoever is renamed keeps the old name, and whoever had an account already has nothing of ours.
			fields = append(fields, "department", "title", "mail", "phone", "employee", "manager")
			names, extra = append(names, "cynthia@example.com", "p7@example.com"), append(extra, "cyn@example.com", "p07@example.com")
		case adversary.GroupNames:
			names, extra = append(names, "group club 27"), append(extra, "group club")
		case adversary.Doubled:
			names = append(names, "hal@example.com")
		case adversary.Poisoned:
			names = append(names, "p03@example.com")
		case adversary.Freed:
			names = append(names, "lou@example.com", "p16@example.com")
		case adversary.Everything:
			for _, line := range want {
				names = append(names, line.Name)
			}
		case adversary.Returns:
			names = append(names, "dan@example.com")
		}
	}
	extra = slices.DeleteFunc(extra, func(name string) bool {
		return slices.ContainsFunc(want, func(line scenario.Line) bool { return line.Name == name })
	})
	return fields, names, extra
}

// rest is a cycle in which nothing happened: it tests the connection and writes nothing.
func (l *life) rest() {
	for _, stranger := range l.strangers {
		for _, now := range l.server.Dump().Users {
			if now.ID == stranger.ID && !cmp.Equal(now, stranger) {
				l.problem("a stranger was changed: %s", cmp.Diff(stranger, now))
			}
		}
	}
	l.told = append(l.told, l.world.Log(l.t.Context())...)
	if says := l.row.Says; says != "" && !slices.ContainsFunc(l.told, func(text string) bool { return strings.Contains(text, says) }) {
		l.problem("nobody is told about %q, only:\n%s", says, strings.Join(l.told, "\n"))
	}
	if l.row.Refused || l.lenient {
		return
	}
	time.Sleep(time.Hour) // so that nothing is due that is done once a day, and every pause is over
	l.log = nil
	l.stage.requests, l.stage.writes = 0, 0
	told := l.cycle()
	if l.row.Escrowed {
		l.stage.writes = 0
		if later := l.world.Unattended(l.t.Context()); told.Calm() || !later.Calm() || l.stage.writes > 0 {
			l.problem("an apply is to try again what was refused, and a schedule not yet: %+v, then %d writes, %+v", told, l.stage.writes, later)
		}
	}
	if len(l.row.Except) == 0 && l.row.Rounds == 0 && !l.row.Doubts && (!told.Calm() || l.stage.writes > 0 || l.stage.requests > max(resting, l.row.Resting)) {
		l.problem("a cycle without changes takes %d requests, %d of them writes: %+v", l.stage.requests, l.stage.writes, told)
	}
}

// begin notes what the requests of a stage are held against.
func (l *life) begin(want []scenario.Line) {
	w := &watched{before: l.server.Dump(), wanted: map[string]bool{}, staying: map[string][]string{}}
	for _, line := range want {
		if !strings.HasPrefix(line.Name, "group ") {
			w.wanted[line.Name] = line.Fields[0].Value == "true"
			continue
		}
		group, ok := w.before.Group(strings.TrimPrefix(line.Name, "group "))
		if !ok {
			continue
		}
		names := strings.Fields(strings.Trim(line.Fields[0].Value, "[]"))
		for _, id := range group.Members {
			if slices.Contains(names, w.before.Name(id)) {
				w.staying[group.ID] = append(w.staying[group.ID], id)
			}
		}
	}
	l.stage = w
}

// watch looks at every request while it happens: no stranger is touched, nobody is created twice, switched off or deleted who
// should not be, and no member is lost who stays.
func (l *life) watch(r adversary.Request) {
	w := l.stage
	w.requests++
	path, _ := url.PathUnescape(r.Path)
	l.log = append(l.log, fmt.Sprintf("%s %s %s %.200s → %d", r.Method, path, r.Query, r.Body, r.Status))
	if limit := 4 * budget * (1 + l.row.Rounds); w.requests == limit {
		l.problem("a loop: %d requests", w.requests)
	}
	if !strings.HasPrefix(r.Host, "localhost") {
		l.problem("the token travelled to %s", r.Host)
	}
	if r.Method == http.MethodGet {
		return
	}
	w.writes++
	if r.Taken && !l.row.Tries {
		l.problem("an account that is there was created once more: %s", r.Body)
	}
	for _, id := range slices.Sorted(maps.Keys(l.strangers)) {
		escaped, _ := url.PathUnescape(r.Path)
		if strings.HasSuffix(escaped, "/"+id) || strings.HasSuffix(r.Path, "/Bulk") && strings.Contains(r.Body, `/Users/`+url.PathEscape(id)+`"`) {
			l.problem("a stranger was touched: %s %s", r.Method, r.Path)
		}
	}
	l.look(r)
}

func (l *life) look(r adversary.Request) {
	w, now := l.stage, l.server.Dump()
	for name, on := range w.wanted {
		before, was := w.before.User(name)
		after, is := now.User(name)
		switch {
		case was && !is:
			l.problem("deleted by mistake: %s (%s %s)", name, r.Method, r.Path)
		case was && on && before.Active() && !after.Active():
			l.problem("switched off by mistake: %s (%s %s)", name, r.Method, r.Path)
		}
	}
	employees := map[string]string{}
	for _, user := range now.Users {
		if other, twice := employees[user.Text("externalId")]; twice && user.Text("externalId") != "" {
			l.problem("one person has two accounts: %s and %s", other, user.Text("userName"))
		}
		employees[user.Text("externalId")] = user.Text("userName")
	}
	for id, members := range w.staying {
		i := slices.IndexFunc(now.Groups, func(g testenv.Resource) bool { return g.ID == id })
		for _, member := range members {
			there := slices.ContainsFunc(now.Users, func(u testenv.Resource) bool { return u.ID == member })
			if there && i >= 0 && !slices.Contains(now.Groups[i].Members, member) {
				l.problem("%s lost %s, who stays: %s %s %s", now.Groups[i].Text("displayName"), now.Name(member), r.Method, r.Path, r.Body)
			}
		}
	}
	w.before = now
}

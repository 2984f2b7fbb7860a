package testenv_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/connectortest"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv/scenario"
)

// eachServer runs a test against every real server, each started once, with as many empty targets as the test asks for.
func eachServer(t *testing.T, test func(t *testing.T, tenant func(*testing.T) *testenv.Target)) {
	t.Helper()
	for _, server := range testenv.Servers() {
		t.Run(string(server), func(t *testing.T) {
			t.Parallel()
			if server == testenv.Wiki {
				test(t, func(t *testing.T) *testenv.Target { return testenv.NewWiki(t) })
				return
			}
			running := testenv.Start(t, server)
			test(t, func(t *testing.T) *testenv.Target { return running.Tenant(t) })
		})
	}
}

// connected is a connector to a target.
type connected struct {
	*scim.Connector
	target *testenv.Target
}

func connect(target *testenv.Target, learned []byte) (*scim.Connector, error) {
	return scim.New(scim.Options{BaseURL: target.BaseURL, BearerToken: secret.New(target.Token), Learned: learned,
		RateLimit: pace.Limit{RequestsPerSecond: 1e6, Burst: 1e6}})
}

func TestContract(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, tenant func(*testing.T) *testenv.Target) {
		target := tenant(t)
		options := connectortest.Options{
			New: func(t *testing.T) connector.Connector {
				target := tenant(t)
				made, err := connect(target, nil)
				if err != nil {
					t.Fatal(err)
				}
				if target.Has(testenv.MailNeeded) {
					return mailed{connected{made, target}}
				}
				return connected{made, target}
			},
			Members: func(_ *testing.T, c connector.Connector, group directory.Anchor) []directory.Anchor {
				return c.(interface {
					members(group directory.Anchor) []directory.Anchor
				}).members(group)
			},
			UntypedRoles: target.Has(testenv.RolesUntyped), WholeElements: target.Has(testenv.ElementsDecorated), Trims: target.Has(testenv.BlanksTrimmed), PlainNames: target.Has(testenv.MailNeeded),
		}
		if target.Has(testenv.Slow) {
			options.ListSize = 110
		}
		if target.Has(testenv.NamesInvented) {
			options.Invents = []string{"displayName", `emails[type eq "work"].primary`, `emails[type eq "work"].value`}
		}
		connectortest.Run(t, options)
	})
}

// members are the members of a group, as the target itself has them.
func (c connected) members(group directory.Anchor) []directory.Anchor {
	d := c.target.Dump()
	i := slices.IndexFunc(d.Groups, func(g testenv.Resource) bool { return g.ID == string(group) })
	var members []directory.Anchor
	for _, id := range d.Groups[i].Members {
		members = append(members, directory.Anchor(id))
	}
	slices.Sort(members)
	return members
}

// TestLife puts every real server through the scenario. What it holds at the end of each stage is computed from the directory
// and read from the server's store.
func TestLife(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, tenant func(*testing.T) *testenv.Target) {
		l := newLived(t, tenant(t))
		for _, stage := range scenario.Stages() {
			if stage.Before != nil {
				stage.Before(l.target)
			}
			if told := l.live(t, stage.Directory); !told.Calm() {
				t.Errorf("%s is not calm: %+v", stage.Name, told)
			}
			if diff := l.diff(stage.Directory); diff != "" {
				t.Errorf("%s (-want +got):\n%s", stage.Name, diff)
			}
		}
	})
}

// TestOneBadRecord: somebody whose name breaks filters, and whom some servers refuse, keeps nobody else from being provisioned.
func TestOneBadRecord(t *testing.T) {
	t.Parallel()
	const odd = `o"dd`
	eachServer(t, func(t *testing.T, tenant func(*testing.T) *testenv.Target) {
		l := newLived(t, tenant(t))
		d := scenario.Stages()[0].Directory
		d.People = append(d.People[:6], scenario.Person{ID: odd, Name: odd, Department: "Sales"})
		d.Groups = d.Groups[:2]
		told := l.live(t, d)
		_, there := l.target.Dump().User(odd)
		if refuses := l.target.Has(testenv.MailNeeded); there == refuses || told.Err != nil || refuses && (len(told.Failures) != 1 || told.Failures[0].Name != odd) {
			t.Errorf("the odd one is there: %v; told: %+v", there, told)
		}
		if !there {
			d.People = d.People[:6]
		}
		if diff := l.diff(d); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// lived is a target and the engine that provisions it.
type lived struct {
	target    *testenv.Target
	world     *scenario.World
	strangers map[string]bool
	// had are the people who have had an account.
	had map[string]bool
}

func newLived(t *testing.T, target *testenv.Target) *lived {
	t.Helper()
	return &lived{target: target, strangers: inhabit(target), had: map[string]bool{},
		world: scenario.NewWorld(t, func(learned []byte) (connector.Connector, error) { return connect(target, learned) })}
}

// live runs one cycle.
func (l *lived) live(t *testing.T, d scenario.Directory) scenario.Told {
	for _, p := range d.People {
		l.had[p.ID] = l.had[p.ID] || !p.Off
	}
	l.world.Put(d)
	return l.world.Cycle(t.Context())
}

// diff compares what the target holds with what it should hold. Who has an account and is not to be provisioned yet is a
// stranger too.
func (l *lived) diff(d scenario.Directory) string {
	strange := func(r testenv.Resource) bool {
		name := strings.ToLower(r.Text("userName"))
		return l.strangers[name] || r.Text("externalId") == "" && !l.had[strings.TrimSuffix(name, "@example.com")]
	}
	return cmp.Diff(scenario.Text(scenario.Lines(d, l.had)), scenario.Text(scenario.Render(l.target.Dump(), strange)))
}

// inhabit makes accounts that are there before anybody provisions: three of people of the scenario, in another spelling, and
// strangers, whose names are returned.
func inhabit(target *testenv.Target) map[string]bool {
	for _, name := range []string{"Bob@Example.com", "Hal@Example.com", "Gus@Example.com"} {
		target.Put(map[string]any{"userName": name, "active": true, "nickName": "Old"})
	}
	strangers := map[string]bool{}
	for _, name := range []string{"ada@example.com.au", "fay@example.community", "cynthia@example.net"} {
		target.Put(map[string]any{"userName": name, "active": true})
		strangers[name] = true
	}
	return strangers
}

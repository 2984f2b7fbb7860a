package job_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

func TestValidateKey(t *testing.T) {
	t.Parallel()
	valid := []string{"a", "7", "wiki", "wiki-2", "a--b", strings.Repeat("x", 64)}
	invalid := []string{"", "-", "-a", "a-", "Wiki", "wiki_2", "a/b", "a b", "é", "a\n", strings.Repeat("x", 65)}
	for _, key := range valid {
		if err := job.ValidateKey("app key", key); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	for _, key := range invalid {
		if err := job.ValidateKey("app key", key); !errors.Is(err, directory.Invalid) || !strings.HasPrefix(err.Error(), "app key ") {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func user(d *job.Definition) *job.Mapping { return &d.Mappings[1] }

// Every mistake is one line of the joined error, an Invalid error that names the object at fault.
func TestValidateDefinition(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*job.Definition)
		want []string
	}{
		{"valid", func(*job.Definition) {}, nil},
		{"no limits, no filters, no groups", func(d *job.Definition) {
			d.Limits, d.Filters, d.Assignments, d.Mappings = job.Limits{}, nil, nil, d.Mappings[1:]
		}, nil},
		{"limits of zero", func(d *job.Definition) {
			d.Limits = job.Limits{MaxDisable: pointer(int64(0)), MaxDelete: pointer(int64(0)), MaxPercent: pointer(100.0)}
		}, nil},
		{"group mapping off", func(d *job.Definition) { d.Mappings[0].Enabled, d.Mappings[0].Attributes = false, nil }, nil},
		{"expression of one attribute, matching", func(d *job.Definition) { user(d).Attributes[1].Expression = `ToLower([userPrincipalName], )` }, nil},

		{"name", func(d *job.Definition) { d.Name = "Main" }, []string{`job name "Main": use 1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends`}},
		{"source without origin", func(d *job.Definition) { d.Source.File = nil }, []string{"source people: say where people come from (file)"}},
		{"source without path", func(d *job.Definition) { d.Source.File.Path = "" }, []string{"source people: file.path is empty"}},
		{"source format", func(d *job.Definition) { d.Source.File.Format = "xml" }, []string{`source people: file.format "xml" is not json or csv`}},
		{"connection without endpoint", func(d *job.Definition) { d.Connection.SCIM = nil }, []string{"connection wiki/scim has no endpoint"}},
		{"negative rate", func(d *job.Definition) { d.Connection.SCIM.RateLimit.RequestsPerSecond = -1 }, []string{"connection wiki/scim: rate_limit takes numbers from 0 up"}},
		{"rate that is not a number", func(d *job.Definition) { d.Connection.SCIM.RateLimit.RequestsPerSecond = math.NaN() }, []string{"connection wiki/scim: rate_limit takes numbers from 0 up"}},
		{"rate without end", func(d *job.Definition) { d.Connection.SCIM.RateLimit.RequestsPerSecond = math.Inf(1) }, []string{"connection wiki/scim: rate_limit takes numbers from 0 up"}},
		{"negative concurrency", func(d *job.Definition) { d.Connection.SCIM.RateLimit.Concurrency = -1 }, []string{"connection wiki/scim: rate_limit takes numbers from 0 up"}},

		{"scope", func(d *job.Definition) { d.Scope = "some" }, []string{`job wiki/main: scope "some" is not all or assigned`}},
		{"state", func(d *job.Definition) { d.State = "running" }, []string{`job wiki/main: state "running" is not started or paused`}},
		{"run", func(d *job.Definition) { d.Run = "" }, []string{`job wiki/main: run "" is not on_apply or manual`}},
		{"on destroy", func(d *job.Definition) { d.OnDestroy = "purge" }, []string{`job wiki/main: on_destroy "purge" is not keep, disable or delete`}},
		{"on unplanned", func(d *job.Definition) { d.Unplanned = "allow" }, []string{`job wiki/main: on_unplanned "allow" is not hold or fail`}},
		{"negative limits", func(d *job.Definition) { d.Limits.MaxDelete = pointer(int64(-1)) }, []string{"job wiki/main: limits cannot be negative"}},
		{"negative floor", func(d *job.Definition) { d.Limits.PercentFloor = pointer(int64(-1)) }, []string{"job wiki/main: limits cannot be negative"}},
		{"percent above", func(d *job.Definition) { d.Limits.MaxPercent = pointer(100.1) }, []string{"job wiki/main: limits.max_percent must be between 0 and 100"}},
		{"percent below", func(d *job.Definition) { d.Limits.MaxPercent = pointer(-0.1) }, []string{"job wiki/main: limits.max_percent must be between 0 and 100"}},
		{"percent that is not a number", func(d *job.Definition) { d.Limits.MaxPercent = pointer(math.NaN()) }, []string{"job wiki/main: limits.max_percent must be between 0 and 100"}},
		{"percent without end", func(d *job.Definition) { d.Limits.MaxPercent = pointer(math.Inf(1)) }, []string{"job wiki/main: limits.max_percent must be between 0 and 100"}},

		{"no user mapping", func(d *job.Definition) { d.Mappings = d.Mappings[:1] },
			[]string{`job wiki/main: there is no mapping for users; add a provisioning_attribute_mapping with object_type "user" to mapping_ids`}},
		{"two user mappings", func(d *job.Definition) { d.Mappings = append(d.Mappings, d.Mappings[1]) }, []string{"job wiki/main: two mappings for user objects"}},
		{"user mapping off", func(d *job.Definition) { user(d).Enabled = false },
			[]string{"mapping wiki/user: a user mapping cannot be disabled; to stop provisioning users, pause the job or narrow a scoping filter", `job wiki/main: there is no mapping for users; add a provisioning_attribute_mapping with object_type "user" to mapping_ids`}},
		{"mapping of another app", func(d *job.Definition) { d.Mappings[0].AppKey = "chat" }, []string{"job wiki/main: mapping chat/group belongs to app chat, not to wiki"}},
		{"filter of another app", func(d *job.Definition) { d.Filters[0].AppKey = "chat" }, []string{"job wiki/main: scoping filter chat/sales belongs to app chat, not to wiki"}},
		{"assignment of another app", func(d *job.Definition) { d.Assignments[0].AppKey = "chat" }, []string{"job wiki/main: assignment chat/staff belongs to app chat, not to wiki"}},
		{"connection of another app", func(d *job.Definition) { d.Connection.AppKey = "chat" }, []string{"job wiki/main: connection chat/scim belongs to app chat, not to wiki"}},

		{"object type", func(d *job.Definition) { d.Mappings[0].ObjectType = "device" }, []string{`mapping wiki/device: object type "device" is not user or group`}},
		{"no target", func(d *job.Definition) { user(d).Attributes[0].Target = "" }, []string{`mapping wiki/user: "" is not the path of an attribute: expected a target attribute such as userName, name.familyName or emails[type eq "work"].value`}},
		{"target twice", func(d *job.Definition) { user(d).Attributes[0].Target = "USERNAME" }, []string{"mapping wiki/user: attribute userName: the attribute is mapped twice, as USERNAME too; names of target attributes ignore case; remove one of them"}},
		{"flow type", func(d *job.Definition) { user(d).Attributes[0].FlowType = "Never" }, []string{`mapping wiki/user: attribute title: flow type "Never" is not known; use one of Always, ObjectAddOnly, MultiValueAddOnly, ValueAddOnly, AttributeAddOnly`}},
		{"negative precedence", func(d *job.Definition) { user(d).Attributes[0].MatchingPrecedence = -1 }, []string{"mapping wiki/user: attribute title: matching precedence starts at 1; leave it out when the attribute is not for matching"}},
		{"precedence twice", func(d *job.Definition) { user(d).Attributes[0].MatchingPrecedence = 1 },
			[]string{"mapping wiki/user: attribute userName: title has the same matching precedence 1, so the order in which they are tried is not known; give each its own number, or set composite_matching = true to match by all of them together"}},
		{"no matching attribute", func(d *job.Definition) { user(d).Attributes[1].MatchingPrecedence = 0 },
			[]string{"mapping wiki/user: no attribute has a matching precedence, so existing accounts could not be found and would be created again; give the attribute that identifies an account matching_precedence = 1"}},
		{"what the mapping says of itself", func(d *job.Definition) { user(d).Attributes[0].Target = "id" },
			[]string{"mapping wiki/user: attribute id: id is set by the target itself and cannot be written; remove it"}},

		{"default domain", func(d *job.Definition) { user(d).Attributes[0].Expression = `Append([alias], DefaultDomain())` },
			[]string{"job wiki/main: mapping wiki/user, attribute title: DefaultDomain() needs the default_domain of source people; set it"}},
		{"default domain, set", func(d *job.Definition) {
			user(d).Attributes[0].Expression, d.Source.DefaultDomain = `Append([alias], DefaultDomain())`, "example.com"
		}, nil},
		{"parameter", func(d *job.Definition) {
			user(d).Attributes[0].Expression, d.Parameters = `Append([alias], %Zone%)`, map[string]string{"zone": "x", "Area": "y"}
		}, []string{"job wiki/main: mapping wiki/user, attribute title: the job has no parameter Zone; set it in parameters (it has: Area, zone)"}},
		{"parameter, set", func(d *job.Definition) {
			user(d).Attributes[0].Expression, d.Parameters = `Append([alias], %Zone%)`, map[string]string{"Zone": ""}
		}, nil},
		{"roles without assignments", func(d *job.Definition) {
			user(d).Attributes[0].Expression, d.Scope = `SingleAppRoleAssignment([appRoleAssignments])`, scope.ModeAll
		}, []string{`job wiki/main: mapping wiki/user, attribute title: SingleAppRoleAssignment needs assignments, and the scope is "all"; use scope = "assigned"`}},
		{"roles with assignments", func(d *job.Definition) {
			user(d).Attributes[0].Expression = `SingleAppRoleAssignment([appRoleAssignments])`
		}, nil},
		{"a disabled mapping needs nothing", func(d *job.Definition) {
			d.Mappings[0].Enabled, d.Mappings[0].Attributes[0].Expression = false, `DefaultDomain()`
			d.Mappings[0].Attributes[0].MatchingPrecedence = 0
		}, nil},

		{"filter name", func(d *job.Definition) { d.Filters[0].Name = "Sales" }, []string{`filter name "Sales": use 1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends`}},
		{"filter type", func(d *job.Definition) { d.Filters[0].ObjectType = "" }, []string{`filter wiki/sales: object type "" is not user or group`}},
		{"clause", func(d *job.Definition) {
			d.Filters[0].Clauses = append(d.Filters[0].Clauses, scope.Clause{Attribute: "title", Operator: scope.IsNull, Values: []string{"x"}})
		}, []string{"filter wiki/sales, clause 2: IS NULL takes no value, not 1: remove the values"}},
		{"several at once", func(d *job.Definition) { d.Name, d.Scope, d.Limits.MaxDisable = "", "", pointer(int64(-5)) }, []string{
			`job name "": use 1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends`,
			`job wiki/main: scope "" is not all or assigned`, "job wiki/main: limits cannot be negative",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := definition(test.edit).Validate()
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
				if !errors.Is(err, directory.Invalid) || directory.KindOf(err) != directory.Invalid {
					t.Errorf("kind %q", directory.KindOf(err))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenExpressionSaysWhere(t *testing.T) {
	t.Parallel()
	err := definition(func(d *job.Definition) { user(d).Attributes[0].Expression = `Join(", [a]` }).Validate()
	if err == nil || !strings.HasPrefix(err.Error(), "mapping wiki/user: attribute title: ") || !errors.Is(err, directory.Invalid) {
		t.Fatalf("got %v", err)
	}
}

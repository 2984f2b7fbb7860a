package cycle_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// everyTarget runs a test against a target in memory and one that speaks SCIM in small pages, each with few objects without a
// link and with many.
func everyTarget(t *testing.T, run func(t *testing.T, w *world, crowd int)) {
	t.Helper()
	for name, connect := range map[string]func(*world){
		"memory": func(*world) {},
		"scim": func(w *world) {
			made, err := scim.New(scim.Options{
				BaseURL: "http://localhost:1/scim/v2", BearerToken: secret.New("token"),
				RateLimit: pace.Limit{RequestsPerSecond: 1e6, Concurrency: 4},
				Transport: inProcess{wikiapp.New(wikiapp.Options{Token: "token", PageLimit: 4})},
			})
			if err != nil {
				t.Fatal(err)
			}
			w.connector = made
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothPaths(t, func(t *testing.T, crowd int) {
				w := newWorld(t)
				connect(w)
				run(t, w, crowd)
			})
		})
	}
}

// inProcess answers requests without a network.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(sent *http.Request) (*http.Response, error) {
	received := httptest.NewRequest(sent.Method, sent.URL.RequestURI(), sent.Body)
	received.Header = sent.Header.Clone()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, received)
	return recorder.Result(), nil
}

// give makes accounts in the target, each of attribute and value pairs.
func (w *world) give(accounts ...[]string) {
	w.t.Helper()
	for i, pairs := range accounts {
		operation := connector.Operation{ID: fmt.Sprintf("given-%d", i), Kind: connector.Create, Type: directory.User}
		for pair := range slices.Chunk(pairs, 2) {
			operation.Changes = append(operation.Changes, connector.Change{Attribute: pair[0], Value: directory.Text(pair[1])})
		}
		if outcome := w.connector.Apply(w.t.Context(), []connector.Operation{operation})[0]; outcome.Err != nil {
			w.t.Fatalf("give %.100q: %v", pairs, outcome.Err)
		}
	}
}

// titles are those of the target's users that are not of the crowd, by user name.
func (w *world) titles() map[string]string {
	w.t.Helper()
	titles := map[string]string{}
	err := w.connector.List(w.t.Context(), connector.Listing{Type: directory.User, Attributes: []string{"userName", "title"}}, func(page []connector.Account) error {
		for _, account := range page {
			name, _ := account.Attributes["userName"].Text()
			title, _ := account.Attributes["title"].Text()
			if title != "Crowd" {
				titles[name] = title
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return titles
}

// matchedBy maps a title, and the matching attributes that it is given.
func matchedBy(attributes ...job.AttributeMapping) func(*job.Definition) {
	return func(d *job.Definition) {
		for i := range attributes {
			attributes[i].FlowType = job.FlowAlways
		}
		d.Mappings[0].Attributes = slices.Concat([]job.AttributeMapping{
			{Target: "active", Expression: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, FlowType: job.FlowAlways},
			{Target: "title", Expression: "[department]", FlowType: job.FlowAlways},
		}, attributes)
	}
}

// fullName makes a person with a given name and a surname.
func fullName(id, given, surname string) directory.Object {
	return person(id, "New", func(o *directory.Object) {
		o.Attributes["givenName"], o.Attributes["surname"] = directory.Text(given), directory.Text(surname)
	})
}

const given, family = "name.givenName", "name.familyName"

// TestCompositeMatching: given name and surname together identify an account, and after them the user name does.
func TestCompositeMatching(t *testing.T) {
	t.Parallel()
	everyTarget(t, func(t *testing.T, w *world, crowd int) {
		d := definition(matchedBy(
			job.AttributeMapping{Target: given, Expression: "[givenName]", MatchingPrecedence: 1},
			job.AttributeMapping{Target: family, Expression: "[surname]", MatchingPrecedence: 1},
			job.AttributeMapping{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 2},
		), func(d *job.Definition) { d.Mappings[0].CompositeMatching = true })
		people := []directory.Object{
			fullName("both", "Ada", "Lovelace"), fullName("case", "GRACE", "hopper"), fullName("first", "Alan", "Turing"), fullName("second", "Kurt", "Church"),
			fullName("ambiguous", "Jon", "Doe"), fullName("one-of-many", "Last", "Max"), fullName("fallback", "", "Noether"), fullName("fallback-null", "Emmy", ""),
			fullName("twin-1", "Tim", "Twin"), fullName("twin-2", "tim", "twin"), fullName("comma-1", "a", "b,c"), fullName("comma-2", "a,b", "c"),
			fullName("quote", `O"Neil\`, `"x`),
		}
		accounts := [][]string{
			{"userName", "a.lovelace", given, "Ada", family, "Lovelace", "title", "Old"},
			{"userName", "g.hopper", given, "Grace", family, "Hopper", "title", "Old"},
			{"userName", "a.other", given, "Alan", family, "Other", "title", "Old"},
			{"userName", "o.church", given, "Other", family, "Church", "title", "Old"},
			{"userName", "j.doe1", given, "Jon", family, "Doe", "title", "Old"},
			{"userName", "j.doe2", given, "Jon", family, "Doe", "title", "Old"},
			{"userName", "fallback@example.com", family, "Noether", "title", "Old"},
			{"userName", "o.neil", given, `O"Neil\`, family, `"x`, "title", "Old"},
		}
		want := map[string]string{
			"both@example.com": "New", "case@example.com": "New", "a.other": "Old", "first@example.com": "New", "o.church": "Old", "second@example.com": "New",
			"j.doe1": "Old", "j.doe2": "Old", "fallback@example.com": "New", "fallback-null@example.com": "New",
			"twin-1@example.com": "New", "comma-1@example.com": "New", "comma-2@example.com": "New", "quote@example.com": "New", "one-of-many@example.com": "New",
		}
		for i := range 9 { // more than two pages
			name := fmt.Sprintf("max.%d", i)
			accounts = append(accounts, []string{"userName", name, given, fmt.Sprintf("Middle %d", i), family, "Max", "title", "Old"})
			want[name] = "Old"
		}
		accounts = append(accounts, []string{"userName", "max.last", given, "Last", family, "Max", "title", "Old"})
		w.give(accounts...)
		before := w.anchors()
		w.source.Put(people...)
		w.join("crowd", crowd)
		w.commit(d)
		if diff := cmp.Diff(want, w.titles()); diff != "" {
			t.Errorf("accounts (-want +got):\n%s", diff)
		}
		after := w.anchors()
		for was, is := range map[string]string{
			"a.lovelace": "both@example.com", "g.hopper": "case@example.com", "max.last": "one-of-many@example.com", "o.neil": "quote@example.com",
			"fallback@example.com": "fallback@example.com",
		} {
			if before[was] == "" || before[was] != after[is] {
				t.Errorf("account %s was %q, and %s is %q", was, before[was], is, after[is])
			}
		}
		wantEscrow := "ambiguous Doe, Jon DuplicateTargetEntries 1\ntwin-2 twin, tim DuplicateSourceEntries 1\n"
		if diff := cmp.Diff(wantEscrow, w.escrowed()); diff != "" {
			t.Errorf("escrow (-want +got):\n%s", diff)
		}
		// A link holds; what is found again is nothing new.
		w.commit(d)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(w.titles()))); diff != "" {
			t.Errorf("accounts of the second cycle (-want +got):\n%s", diff)
		}
	})
}

// anchors are those of the target's users, by user name.
func (w *world) anchors() map[string]directory.Anchor {
	w.t.Helper()
	anchors := map[string]directory.Anchor{}
	err := w.connector.List(w.t.Context(), connector.Listing{Type: directory.User, Attributes: []string{"userName"}}, func(page []connector.Account) error {
		for _, account := range page {
			name, _ := account.Attributes["userName"].Text()
			anchors[name] = account.Anchor
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return anchors
}

// TestTwoPeopleOneAccountByTheSecondAttribute: they differ in the first matching attribute, and the second one finds the same
// account for both.
func TestTwoPeopleOneAccountByTheSecondAttribute(t *testing.T) {
	t.Parallel()
	everyTarget(t, func(t *testing.T, w *world, crowd int) {
		d := definition(matchedBy(
			job.AttributeMapping{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 1},
			job.AttributeMapping{Target: "externalId", Expression: "[employeeId]", MatchingPrecedence: 2},
		))
		employed := func(o *directory.Object) { o.Attributes["employeeId"] = directory.Text("E-1") }
		w.give([]string{"userName", "old", "externalId", "E-1", "title", "Old"})
		w.source.Put(person("ada", "Sales", employed), person("bob", "HR", employed))
		w.join("crowd", crowd)
		w.commit(d)
		if diff := cmp.Diff(map[string]string{"ada@example.com": "Sales"}, w.titles()); diff != "" {
			t.Errorf("accounts (-want +got):\n%s", diff)
		}
		if got, want := w.escrowed(), "bob bob@example.com DuplicateSourceEntries 1\n"; got != want {
			t.Errorf("escrow: %s", got)
		}
	})
}

// TestSpecialMatchingValues: whatever a matching value is made of, it finds its own account and no other (engine.md 9).
func TestSpecialMatchingValues(t *testing.T) {
	t.Parallel()
	values := []string{
		`"`, `\`, `a"b\c`, `100%`, `%41`, `*`, `(x) [y]`, `a,b`, `' or 1 eq 1 --`, `" or userName pr or "`, "Ünïcödé-日本語-🙂", "blank", " blank", "blank ",
		"tab\tand\nline", `+&#?/;=<>`, `\u0041`, strings.Repeat("x€\"\\", 1700), "it's", "nul\x00",
	}
	everyTarget(t, func(t *testing.T, w *world, crowd int) {
		d := definition(matchedBy(job.AttributeMapping{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 1}))
		want := map[string]string{}
		for i, value := range values {
			w.give([]string{"userName", value, "title", "Old"}, []string{"userName", value + "!", "title", "Stranger"})
			w.source.Put(person(fmt.Sprintf("p%02d", i), fmt.Sprintf("New %d", i), func(o *directory.Object) {
				o.Attributes["userPrincipalName"] = directory.Text(value)
			}))
			want[value], want[value+"!"] = fmt.Sprintf("New %d", i), "Stranger"
		}
		w.join("crowd", crowd)
		report := w.commit(d)
		if diff := cmp.Diff(want, w.titles()); diff != "" {
			t.Errorf("accounts (-want +got):\n%s", diff)
		}
		if report.FailureCount != 0 || report.Cycle.Counts.Created != int64(crowd) {
			t.Errorf("failures %+v, counts %+v", report.Failures, report.Cycle.Counts)
		}
		w.source.Set()
		w.commit(d)
		for name, title := range w.titles() {
			if title != "Stranger" {
				t.Errorf("%.50q is left: %s", name, title)
			}
		}
	})
}

package scim_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// kinds counts what was asked: searches, and pages of the list.
func (s *register) kinds() (searches, pages int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, request := range s.requests {
		switch {
		case strings.Contains(request, "filter="):
			searches++
		case strings.Contains(request, "/Users?"):
			pages++
		}
	}
	return searches, pages
}

// note remembers a request that nobody waited for.
func (s *register) note(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.RequestURI())
}

// TestProofIsSharedByThoseWhoWait: eight who look for nobody at the same time cost one proof, whatever comes of it, and one who gives
// up takes it from nobody.
func TestProofIsSharedByThoseWhoWait(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		users int
		// searches are those of the eight and those of the proof; pages are the proof's.
		searches, pages int
		impatient       bool
	}{
		{"somebody is there", 5, 9, 1, false},
		{"nobody is there", 0, 8, 1, false},
		// The proof is begun by one who gives up while its page is on the way.
		{"the first one gives up", 5, 9, 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &register{users: people(test.users)}
				slow := roundTrip(func(r *http.Request) (*http.Response, error) {
					timer := time.NewTimer(time.Second)
					defer timer.Stop()
					select {
					case <-timer.C:
						return handlerTransport{server}.RoundTrip(r)
					case <-r.Context().Done():
						server.note(r)
						return nil, r.Context().Err()
					}
				})
				c, err := scim.New(scim.Options{BaseURL: "http://localhost/scim", BearerToken: secret.New(token), RateLimit: unlimited, Transport: slow})
				if err != nil {
					t.Fatal(err)
				}
				var all sync.WaitGroup
				for i := range 8 {
					ctx, cancel := t.Context(), func() {}
					if i == 0 && test.impatient {
						ctx, cancel = context.WithTimeout(ctx, 1500*time.Millisecond)
					}
					all.Go(func() {
						defer cancel()
						found, err := c.Find(ctx, connector.Query{Type: directory.User, Attribute: "externalId", Value: text(fmt.Sprint("none-", i))})
						if len(found) > 0 || (err != nil) != (i == 0 && test.impatient) {
							t.Errorf("%d: %v %v", i, found, err)
						}
					})
					if i == 0 {
						time.Sleep(time.Millisecond)
					}
				}
				all.Wait()
				searches, pages := server.kinds()
				if searches != test.searches || pages != test.pages {
					t.Errorf("%d searches and %d pages, want %d and %d", searches, pages, test.searches, test.pages)
				}
			})
		})
	}
}

// TestFindMany: many queries bring what each alone would bring, and those that only the list can answer share one list.
func TestFindMany(t *testing.T) {
	t.Parallel()
	const crowd = 1000 // eleven pages, because each begins with the last of the one before, and one or two to see where it ends
	hidden := func(map[string]any, string, string) bool { return false }
	unfiltered := func(map[string]any, string, string) bool { return true }
	refuse := func(string, string) (int, string) { return 400, "invalidFilter" }
	twins := func() []map[string]any {
		users := people(crowd)
		users[3]["userName"] = users[990]["userName"]
		return users
	}
	for _, test := range []struct {
		name   string
		server *register
		// first and second are how many pages and searches it takes at most, before and after the target's search is known.
		first, second [2]int
	}{
		// Whoever asks for all reads to the last page of the hits.
		{"honest", &register{users: twins()}, [2]int{1, 19 + 2 + 5}, [2]int{0, 19 + 5}},
		{"not looked at", &register{users: twins(), finds: hidden}, [2]int{14, 19 + 2}, [2]int{12, 0}},
		{"ignored", &register{users: twins(), finds: unfiltered}, [2]int{14, 19 + 2 + 5*13}, [2]int{12, 0}},
		{"refused", &register{users: twins(), refuses: refuse}, [2]int{14, 19}, [2]int{12, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			queries := make([]connector.Query, 20)
			want := make([]string, len(queries))
			for i := range queries {
				queries[i] = connector.Query{Type: directory.User, Attribute: "userName", Value: text(fmt.Sprintf("nobody%d@example.com", i)), All: i%4 == 3}
				switch {
				case i < 5:
					queries[i].Value, want[i] = text(fmt.Sprintf("USER%d@example.com", i*7+1)), fmt.Sprintf("id-%d", i*7+1)
				case i == 5 || i == 7: // one who asks for all, and one who does not
					queries[i].Value, want[i] = text("user990@example.com"), "id-3 id-990"
				}
			}
			queries[19] = connector.Query{Type: directory.User, Attribute: "userName"}
			c := test.server.connect(t, scim.Options{})
			for turn, expected := range [][2]int{test.first, test.second} {
				test.server.requests = nil
				found, err := c.FindMany(t.Context(), queries)
				if err != nil || len(found) != len(queries) {
					t.Fatalf("%d results: %v", len(found), err)
				}
				for i, f := range found {
					var ids []string
					for _, account := range f.Accounts {
						ids = append(ids, string(account.Anchor))
					}
					if i == 19 {
						if directory.KindOf(f.Err) != directory.Invalid {
							t.Errorf("without a value: %v", f.Err)
						}
						continue
					}
					if got := strings.Join(ids, " "); f.Err != nil || got != want[i] {
						t.Errorf("turn %d: %s found %q (%v), want %q", turn, queries[i].Value, got, f.Err, want[i])
					}
				}
				searches, pages := test.server.kinds()
				if pages > expected[0] || searches > expected[1] {
					t.Errorf("turn %d: %d pages and %d searches, want at most %d and %d", turn, pages, searches, expected[0], expected[1])
				}
			}
		})
	}
}

// TestFindManyOfAList: a list that cannot be relied on answers nobody, and each error says why; what a search could tell stays.
func TestFindManyOfAList(t *testing.T) {
	t.Parallel()
	server := &register{users: people(150), total: 500, refuses: func(attribute, _ string) (int, string) {
		if attribute == "externalId" {
			return 501, ""
		}
		return 0, ""
	}}
	found, err := server.connect(t, scim.Options{}).FindMany(t.Context(), []connector.Query{
		{Type: directory.User, Attribute: "externalId", Value: text("E-149")},
		{Type: directory.User, Attribute: "userName", Value: text("user7@example.com")},
		{Type: directory.User, Attribute: "externalId", Value: text("none")},
	})
	if err != nil {
		t.Fatal(err)
	}
	// The search that was refused is in the error of whoever it was refused to; the other one may have come later.
	if refusals := fmt.Sprint(found[0].Err, found[2].Err); !strings.Contains(refusals, "answered 501") {
		t.Errorf("nobody says that the search was refused: %s", refusals)
	}
	for _, i := range []int{0, 2} {
		if directory.KindOf(found[i].Err) != directory.Incompatible || !strings.Contains(found[i].Err.Error(), "announces 500 resources but delivers 150") {
			t.Errorf("%d: %v, %v", i, found[i].Accounts, found[i].Err)
		}
	}
	if found[1].Err != nil || len(found[1].Accounts) != 1 || found[1].Accounts[0].Anchor != "id-7" {
		t.Errorf("%+v", found[1])
	}
}

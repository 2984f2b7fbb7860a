package scim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/connectortest"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

const token = "s3cr3t-bearer-t0ken"

// unlimited lets tests run at full speed.
var unlimited = pace.Limit{RequestsPerSecond: 1e6, Burst: 1e6}

// handlerTransport answers requests with a handler, without a network.
type handlerTransport struct{ http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body := []byte{}
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	received := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	received.Header = r.Header.Clone()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, received)
	return recorder.Result(), nil
}

// wiki is a connector to a wiki of its own.
type wiki struct {
	*scim.Connector
	handler http.Handler
}

func newWiki(t *testing.T) *wiki { return newWikiAs(t, scim.Options{}, 0) }

// newWikiAs takes bulk requests of so many operations; 0: none.
func newWikiAs(t *testing.T, options scim.Options, bulk int) *wiki {
	t.Helper()
	handler := wikiapp.New(wikiapp.Options{Token: token, BulkOperations: bulk})
	options.BaseURL, options.BearerToken = "http://localhost:1/scim/v2", secret.New(token)
	options.RateLimit, options.Transport = unlimited, handlerTransport{handler}
	c, err := scim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return &wiki{Connector: c, handler: handler}
}

// members asks the wiki itself.
func (w *wiki) members(t *testing.T, group directory.Anchor) []directory.Anchor {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/scim/v2/Groups/"+url.PathEscape(string(group)), nil)
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, request)
	var answer struct {
		Members []struct{ Value directory.Anchor }
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || recorder.Code != http.StatusOK {
		t.Fatalf("members of %s: %d %s", group, recorder.Code, recorder.Body)
	}
	var members []directory.Anchor
	for _, member := range answer.Members {
		members = append(members, member.Value)
	}
	slices.Sort(members)
	return members
}

func TestContract(t *testing.T) {
	t.Parallel()
	type variant struct {
		name    string
		options scim.Options
		bulk    int
	}
	variants := []variant{
		{"put", scim.Options{UpdateMethod: "put"}, 0}, {"small batches, verified", scim.Options{MembersPerPatch: 7, VerifyMembers: true}, 0},
	}
	for _, profile := range scim.Profiles() {
		variants = append(variants, variant{profile, scim.Options{Profile: profile}, 0}, variant{profile + " in bulk", scim.Options{Profile: profile}, 40})
	}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Options{
				New: func(t *testing.T) connector.Connector { return newWikiAs(t, v.options, v.bulk) },
				Members: func(t *testing.T, c connector.Connector, group directory.Anchor) []directory.Anchor {
					return c.(*wiki).members(t, group)
				},
			})
		})
	}
}

package scimschema_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

// textual is a wiki that takes booleans in PATCH as texts only, and counts those that it refused.
type textual struct {
	wiki    http.Handler
	refused atomic.Int64
}

var texts = regexp.MustCompile(`"(?i:(true|false))"`)

func (h *textual) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPatch {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte("true")) && !texts.Match(body) || bytes.Contains(body, []byte(":false")) {
			h.refused.Add(1)
			w.Header().Set("Content-Type", "application/scim+json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"active must be a string"}`)
			return
		}
		body = texts.ReplaceAllFunc(body, func(b []byte) []byte { return bytes.ToLower(bytes.Trim(b, `"`)) })
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	h.wiki.ServeHTTP(w, r)
}

// refusals checks how many requests were refused so far.
type refusals struct {
	target *textual
	want   int64
}

func (c refusals) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	if got := c.target.refused.Load(); got != c.want {
		resp.Error = fmt.Errorf("%d requests were refused, want %d", got, c.want)
	}
}

// What an apply learned about the target is seen after it, and the next one starts with it: nothing is refused again. The client
// tries the other operation names before the other form of booleans, so two requests are refused in all.
func TestAccLearnedOnceAndForAll(t *testing.T) {
	t.Parallel()
	target := &textual{wiki: wikiapp.New(wikiapp.Options{Token: "opensesame"})}
	server := httptest.NewServer(target)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "people.json")
	people := func(ann, bob bool) func() {
		return func() {
			document := fmt.Sprintf(`{"users":[{"id":"a","userPrincipalName":"ann","accountEnabled":%t},{"id":"b","userPrincipalName":"bob","accountEnabled":%t}],"groups":[]}`, ann, bob)
			if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	step := func(change func(), learned knownvalue.Check, wantRefused int64) resource.TestStep {
		return resource.TestStep{
			PreConfig: change, ConfigDirectory: config.StaticDirectory("testdata/learning"),
			ConfigVariables:  config.Variables{"base_url": config.StringVariable(server.URL + wikiapp.Prefix), "people": config.StringVariable(path)},
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("provisioning_job.wiki", tfjsonpath.New("target_capabilities"), learned),
				refusals{target, wantRefused},
			},
		}
	}
	known := knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact("boolean values in PATCH"), "reason": knownvalue.NotNull()})})
	people(true, true)()
	acctest.New(t).Run(t,
		step(people(true, true), knownvalue.ListExact(nil), 0),
		step(people(false, true), known, 2),
		step(people(false, false), known, 2),
		step(people(true, true), known, 2),
	)
}

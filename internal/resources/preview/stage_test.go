package preview_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// stage is a file of people, an application and an engine between them.
type stage struct {
	t       *testing.T
	baseURL string
	path    string
	bench   *acctest.Bench
	app     *wikiapp.App
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, path: filepath.Join(t.TempDir(), "people.json"), app: wikiapp.New(wikiapp.Options{Token: "opensesame"})}
	server := httptest.NewServer(s.app)
	t.Cleanup(server.Close)
	s.baseURL = server.URL + wikiapp.Prefix
	engine, err := wiring.Embedded(t.Context(), wiring.Options{Store: filepath.Join(t.TempDir(), "provisioning.db"), UserAgent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	s.bench = acctest.On(engine.Client())
	return s
}

// person is somebody of the source.
type person struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	DisplayName       string `json:"displayName"`
	Department        string `json:"department"`
	JobTitle          string `json:"jobTitle"`
	AccountEnabled    bool   `json:"accountEnabled"`
}

func sales(id, name string) person {
	return person{ID: id, UserPrincipalName: name, DisplayName: name, Department: "Sales", JobTitle: "secret of " + name, AccountEnabled: true}
}

// write replaces the people of the source.
func (s *stage) write(people ...person) {
	s.t.Helper()
	raw, err := json.Marshal(map[string]any{"users": people, "groups": []any{}})
	if err == nil {
		err = os.WriteFile(s.path, raw, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) variables() config.Variables {
	return config.Variables{"base_url": config.StringVariable(s.baseURL), "people": config.StringVariable(s.path)}
}

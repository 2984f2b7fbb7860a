package acctest

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

// StageToken is what the application of a stage wants for a bearer token.
const StageToken = "opensesame"

// Stage is a file of people, an application and an engine between them: the whole chain, for one test.
type Stage struct {
	*Bench
	App     *wikiapp.App
	BaseURL string
	// Path is the file of people; Variables reads it anew.
	Path string

	t *testing.T
}

// NewStage returns a stage whose file is not there yet.
func NewStage(t *testing.T) *Stage {
	t.Helper()
	app := wikiapp.New(wikiapp.Options{Token: StageToken})
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	return &Stage{Bench: New(t), App: app, BaseURL: server.URL + wikiapp.Prefix, Path: filepath.Join(t.TempDir(), "people.json"), t: t}
}

// Write replaces the people and groups of the file. Each is a list in the form of the file, or nil.
func (s *Stage) Write(users, groups any) {
	s.t.Helper()
	if groups == nil {
		groups = []any{}
	}
	raw, err := json.Marshal(map[string]any{"users": users, "groups": groups})
	if err == nil {
		err = os.WriteFile(s.Path, raw, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Variables are those of a configuration that connects the two: base_url and people, the path of the file.
func (s *Stage) Variables() config.Variables {
	return config.Variables{"base_url": config.StringVariable(s.BaseURL), "people": config.StringVariable(s.Path)}
}

// Person is somebody of the source with what most tests need.
type Person struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	DisplayName       string `json:"displayName"`
	Department        string `json:"department"`
	JobTitle          string `json:"jobTitle"`
	AccountEnabled    bool   `json:"accountEnabled"`
}

// Sales is somebody of the department Sales.
func Sales(id, name string) Person {
	return Person{ID: id, UserPrincipalName: name, DisplayName: name, Department: "Sales", JobTitle: "secret of " + name, AccountEnabled: true}
}

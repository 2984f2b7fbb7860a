package attributemapping_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

const jobAddress = "provisioning_job.wiki"

// stage is a file of people, an application and an engine between them: the whole chain in which mappings mean something.
type stage struct {
	*acctest.Stage
	t *testing.T
}

func newStage(t *testing.T, people ...values) *stage {
	t.Helper()
	s := &stage{Stage: acctest.NewStage(t), t: t}
	s.write(people...)
	return s
}

// person is somebody with an id, a name to sign in with, and more.
func person(name string, more values) values {
	return and(values{"id": "id-" + name, "userPrincipalName": name, "accountEnabled": true}, more)
}

// write replaces the people of the source.
func (s *stage) write(people ...values) {
	s.t.Helper()
	s.writeWith(nil, people...)
}

func (s *stage) writeWith(groups []values, people ...values) {
	s.t.Helper()
	s.Write(append([]values{}, people...), append([]values{}, groups...))
}

// step applies a mapping of users and expects nothing left to do afterwards.
func (s *stage) step(user values, checks ...plancheck.PlanCheck) resource.TestStep {
	return s.stepWith(values{"user": user}, nil, checks...)
}

func (s *stage) stepWith(mappings values, more config.Variables, checks ...plancheck.PlanCheck) resource.TestStep {
	s.t.Helper()
	raw, err := json.Marshal(mappings)
	if err != nil {
		s.t.Fatal(err)
	}
	variables := s.Variables()
	variables["mappings"] = config.StringVariable(string(raw))
	maps.Copy(variables, more)
	return resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: variables,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
}

// imported imports the mapping that a step has applied and compares the two.
func imported(applied resource.TestStep) resource.TestStep {
	step := acctest.Import(address)
	step.ConfigDirectory, step.ConfigVariables = applied.ConfigDirectory, applied.ConfigVariables
	return step
}

// give creates an account in the application before anybody provisions it.
func (s *stage) give(account values) {
	s.t.Helper()
	schemas := []string{"urn:ietf:params:scim:schemas:core:2.0:User"}
	for name := range account {
		if strings.HasPrefix(name, "urn:") {
			schemas = append(schemas, name)
		}
	}
	account["schemas"] = schemas
	raw, err := json.Marshal(account)
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.BaseURL+"/Users", bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+acctest.StageToken)
	request.Header.Set("Content-Type", "application/scim+json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusCreated {
		s.t.Fatal(answer.Status, err)
	}
}

// holds checks the accounts: user name → what the application stores, beside the user name itself.
func (s *stage) holds(want map[string]values) {
	s.t.Helper()
	got := map[string]values{}
	for _, user := range s.App.Users() {
		delete(user.Attributes, "userName")
		got[user.UserName] = user.Attributes
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("accounts: %s", diff)
	}
}

// id returns the id of an account.
func (s *stage) id(userName string) string {
	s.t.Helper()
	for _, user := range s.App.Users() {
		if user.UserName == userName {
			return user.ID
		}
	}
	s.t.Fatalf("there is no account %s", userName)
	return ""
}

// patches counts the updates that the application was sent.
func (s *stage) patches() int {
	n := 0
	for _, request := range s.App.Requests() {
		if request.Method == http.MethodPatch || request.Method == http.MethodPut {
			n++
		}
	}
	return n
}

// commit commits the job once more, past Terraform, and returns the failures that a warning would show.
func (s *stage) commit() []string {
	s.t.Helper()
	status, err := s.Engine.Jobs.GetJob(s.t.Context(), connect.NewRequest(&provisioningv1.GetJobRequest{Id: "wiki/main"}))
	if err != nil {
		s.t.Fatal(err)
	}
	stream, err := s.Engine.Jobs.CommitJob(s.t.Context(), connect.NewRequest(&provisioningv1.CommitJobRequest{
		Job: status.Msg.GetStatus().GetJob(), Position: status.Msg.GetStatus().GetPosition(),
	}))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	var failures []string
	for stream.Receive() {
		for _, failure := range stream.Msg().GetResult().GetFailures() {
			failures = append(failures, strings.Join([]string{failure.GetObjectType(), failure.GetName(), failure.GetCode(), failure.GetMessage()}, ": "))
		}
	}
	if err := stream.Err(); err != nil {
		s.t.Fatal(err)
	}
	return failures
}

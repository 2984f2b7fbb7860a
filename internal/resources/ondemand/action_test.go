package ondemand_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

const actionType = "provisioning_on_demand"

// operations is an engine that answers a run on demand as it is told to.
type operations struct {
	provisioningv1connect.OperationServiceClient
	asked  *provisioningv1.ProvisionOnDemandRequest
	answer *provisioningv1.ProvisionOnDemandResponse
	err    error
}

func (o *operations) ProvisionOnDemand(_ context.Context, request *connect.Request[provisioningv1.ProvisionOnDemandRequest]) (*connect.Response[provisioningv1.ProvisionOnDemandResponse], error) {
	o.asked = request.Msg
	if o.err != nil {
		return nil, o.err
	}
	return connect.NewResponse(o.answer), nil
}

// actionProvider is what Terraform 1.14 expects of a provider.
type actionProvider interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
}

// terraform speaks to the provider as Terraform 1.14 does. The CLI of the tests is older.
type terraform struct {
	t      *testing.T
	server actionProvider
	kind   tftypes.Type
}

func newTerraform(t *testing.T, engine *operations) terraform {
	t.Helper()
	made, err := acctest.On(planwalk.Engine{Operations: engine}).Factories()["provisioning"]()
	if err != nil {
		t.Fatal(err)
	}
	server, ok := made.(actionProvider)
	if !ok {
		t.Fatal("the provider's server has no actions")
	}
	metadata, err := server.GetMetadata(t.Context(), &tfprotov6.GetMetadataRequest{})
	if err != nil || len(metadata.Actions) != 1 || metadata.Actions[0].TypeName != actionType {
		t.Fatalf("actions %+v, %v", metadata.Actions, err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	of := schemas.Provider.ValueType()
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: dynamic(t, of, fmt.Sprintf(`{"embedded":{"store":%q}}`, filepath.Join(t.TempDir(), "p.db"))),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	return terraform{t, server, schemas.ActionSchemas[actionType].Schema.ValueType()}
}

// dynamic is a JSON document as a value of Terraform; what it leaves out is null.
func dynamic(t *testing.T, kind tftypes.Type, document string) *tfprotov6.DynamicValue {
	t.Helper()
	var decoded any
	if err := json.Unmarshal([]byte(document), &decoded); err != nil {
		t.Fatal(err)
	}
	value, err := tfprotov6.NewDynamicValue(kind, valueOf(kind, decoded))
	if err != nil {
		t.Fatal(err)
	}
	return &value
}

func valueOf(kind tftypes.Type, from any) tftypes.Value {
	switch kind := kind.(type) {
	case tftypes.Object:
		fields, ok := from.(map[string]any)
		if !ok {
			return tftypes.NewValue(kind, nil)
		}
		children := map[string]tftypes.Value{}
		for name, child := range kind.AttributeTypes {
			children[name] = valueOf(child, fields[name])
		}
		return tftypes.NewValue(kind, children)
	case tftypes.Set:
		elements, ok := from.([]any)
		if !ok {
			return tftypes.NewValue(kind, nil)
		}
		children := []tftypes.Value{}
		for _, child := range elements {
			children = append(children, valueOf(kind.ElementType, child))
		}
		return tftypes.NewValue(kind, children)
	default:
		return tftypes.NewValue(kind, from)
	}
}

func diagnostics(all []*tfprotov6.Diagnostic) []string {
	var lines []string
	for _, d := range all {
		lines = append(lines, d.Severity.String()+" "+d.Summary+": "+strings.ReplaceAll(d.Detail, "\n", " "))
	}
	return lines
}

func (tf terraform) validate(config string) []string {
	tf.t.Helper()
	answer, err := tf.server.ValidateActionConfig(tf.t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: actionType, Config: dynamic(tf.t, tf.kind, config)})
	if err != nil {
		tf.t.Fatal(err)
	}
	return diagnostics(answer.Diagnostics)
}

// invoke validates, plans and invokes, and returns progress and diagnostics.
func (tf terraform) invoke(config string) (progress, told []string) {
	tf.t.Helper()
	if problems := tf.validate(config); len(problems) > 0 {
		tf.t.Fatalf("invalid: %v", problems)
	}
	planned, err := tf.server.PlanAction(tf.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionType, Config: dynamic(tf.t, tf.kind, config)})
	if err != nil || len(planned.Diagnostics) > 0 {
		tf.t.Fatal(err, planned)
	}
	stream, err := tf.server.InvokeAction(tf.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: dynamic(tf.t, tf.kind, config)})
	if err != nil {
		tf.t.Fatal(err)
	}
	ended := false
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			told, ended = diagnostics(event.Diagnostics), true
		}
	}
	if !ended {
		tf.t.Error("the stream does not end")
	}
	return progress, told
}

func outcome(objectType, id, result, action, reason string) *provisioningv1.OnDemandResult {
	return &provisioningv1.OnDemandResult{
		Subject: &provisioningv1.Subject{ObjectType: objectType, Id: id}, Result: result, Record: &provisioningv1.LogRecord{Action: action, Reason: reason},
	}
}

func TestActionProvisions(t *testing.T) {
	t.Parallel()
	engine := &operations{answer: &provisioningv1.ProvisionOnDemandResponse{Results: []*provisioningv1.OnDemandResult{
		outcome("group", "crew", "success", "create", ""), outcome("user", "ann", "skipped", "stageddelete", "disabled in the source"), outcome("user", "bob", "failure", "other", "nobody has the id"),
	}}}
	progress, told := newTerraform(t, engine).invoke(`{"job_id":"wiki/main","subjects":[{"id":"bob"},{"object_type":"group","id":"crew"},{"id":"ann"}]}`)
	wantProgress := []string{
		"provisioning 3 on demand with job wiki/main", "group crew: create, success", "user ann: stageddelete, skipped: disabled in the source", "user bob: other, failure: nobody has the id",
	}
	if diff := cmp.Diff(wantProgress, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	wantTold := []string{
		"WARNING Provisioning on demand takes no access away: Job wiki/main would disable or delete 1 of 3. They are staged and wait for approval; the next plan of the job shows them.  user ann: disabled in the source",
		"ERROR Provisioning on demand failed for some: Job wiki/main could not provision 1 of 3. Who is in the source is tried again by the next cycle.  user bob: nobody has the id",
	}
	if diff := cmp.Diff(wantTold, told); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
	var asked []string
	for _, subject := range engine.asked.GetSubjects() {
		asked = append(asked, subject.GetObjectType()+" "+subject.GetId())
	}
	if diff := cmp.Diff([]string{"group crew", "user ann", "user bob"}, asked); diff != "" || engine.asked.GetJobId() != "wiki/main" || engine.asked.GetDryRun() {
		t.Errorf("asked %+v (-want +got):\n%s", engine.asked, diff)
	}
}

func TestActionDryRun(t *testing.T) {
	t.Parallel()
	engine := &operations{answer: &provisioningv1.ProvisionOnDemandResponse{}}
	for i := range 60 {
		engine.answer.Results = append(engine.answer.Results, outcome("user", fmt.Sprintf("p%02d", i), "success", "create", ""))
	}
	progress, told := newTerraform(t, engine).invoke(`{"job_id":"wiki/main","subjects":[{"id":"p00"}],"dry_run":true,"timeout":"90s"}`)
	if len(told) > 0 || !engine.asked.GetDryRun() || len(progress) != 52 || progress[0] != "provisioning 1 on demand with job wiki/main (dry run: nothing is written)" || progress[51] != "and 10 more" {
		t.Errorf("told %v, asked %+v, progress %q", told, engine.asked, progress)
	}
}

func TestActionRefused(t *testing.T) {
	t.Parallel()
	engine := &operations{err: connect.NewError(connect.CodeNotFound, fmt.Errorf("there is no job wiki/main"))}
	_, told := newTerraform(t, engine).invoke(`{"job_id":"wiki/main","subjects":[{"id":"ann"}]}`)
	if len(told) != 1 || !strings.HasPrefix(told[0], "ERROR ") || !strings.Contains(told[0], "wiki/main") {
		t.Errorf("told %q", told)
	}
}

func TestActionValidates(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t, &operations{})
	for config, want := range map[string]string{
		`{"job_id":"","subjects":[{"id":"ann"}]}`:                                        "string length",
		`{"job_id":"wiki/main","subjects":[]}`:                                           "at least 1",
		`{"job_id":"wiki/main","subjects":[{"id":"ann","object_type":"robot"}]}`:         "must be one of",
		`{"job_id":"wiki/main","subjects":[{"id":""}]}`:                                  "string length",
		`{"job_id":"wiki/main","subjects":[{"id":"ann"}],"timeout":"soon"}`:              "write for example 90s or 5m",
		`{"job_id":"wiki/main","subjects":[{"id":"ann"}],"timeout":"-1s"}`:               "write for example 90s or 5m",
		`{"job_id":"wiki/main","subjects":[{"id":"ann"}],"timeout":"2m","dry_run":null}`: "",
	} {
		got := strings.Join(tf.validate(config), "\n")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", config, got, want)
		}
	}
}

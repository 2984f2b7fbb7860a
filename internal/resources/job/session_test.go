package job

import (
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// session is one walk of Terraform, spoken by hand: it shows warnings and private data, which the acceptance harness
// cannot see.
type session struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	kind   tftypes.Object
	schema *tfprotov6.Schema
}

type values = map[string]any

// plan is one answer to PlanResourceChange.
type plan struct {
	state    tftypes.Value
	private  []byte
	messages []message
	replace  int
}

// message is a diagnostic as the user reads it.
type message struct{ Severity, Path, Summary, Detail string }

func newSession(t *testing.T, fake *fakeEngine, now time.Time) *session {
	t.Helper()
	return configured(t, fake, now, tftypes.NewValue(tftypes.String, nil))
}

func configured(t *testing.T, fake *fakeEngine, now time.Time, store tftypes.Value) *session {
	t.Helper()
	s := &session{t: t, server: providerserver.NewProtocol6(&testProvider{engine: fake.client(t), now: func() time.Time { return now }})()}
	schemas, err := s.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s.schema = schemas.ResourceSchemas["provisioning_job"]
	var ok bool
	if s.kind, ok = s.schema.ValueType().(tftypes.Object); !ok {
		t.Fatalf("schema is a %T", s.schema.ValueType())
	}
	kind := schemas.Provider.ValueType()
	resp, err := s.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: dynamic(t, kind, tftypes.NewValue(kind, map[string]tftypes.Value{"store": store})),
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, resp.Diagnostics)
	}
	return s
}

// config is a minimal configuration with changes.
func (s *session) config(changes values) tftypes.Value {
	s.t.Helper()
	all := values{"app_id": "wiki", "source_id": "people", "connection_id": "wiki/main", "mapping_ids": []string{"wiki/user"}, "scoping_filter_ids": []string{"wiki/people"}}
	for name, value := range changes {
		all[name] = value
	}
	attributes := map[string]tftypes.Value{}
	for name, kind := range s.kind.AttributeTypes {
		attributes[name] = terraformValue(kind, all[name])
	}
	return tftypes.NewValue(s.kind, attributes)
}

func terraformValue(kind tftypes.Type, value any) tftypes.Value {
	switch value := value.(type) {
	case []string:
		elements := make([]tftypes.Value, len(value))
		for i, element := range value {
			elements[i] = tftypes.NewValue(tftypes.String, element)
		}
		return tftypes.NewValue(kind, elements)
	case map[string]any:
		object, _ := kind.(tftypes.Object)
		children := map[string]tftypes.Value{}
		for name, child := range object.AttributeTypes {
			children[name] = terraformValue(child, value[name])
		}
		return tftypes.NewValue(kind, children)
	default:
		return tftypes.NewValue(kind, value)
	}
}

// proposed does what Terraform does before it asks for a plan: computed values that are not configured keep their
// prior value.
func (s *session) proposed(prior, config tftypes.Value) tftypes.Value {
	s.t.Helper()
	if config.IsNull() || prior.IsNull() {
		return config
	}
	before, after := s.attributes(prior), s.attributes(config)
	for _, attribute := range s.schema.Block.Attributes {
		if attribute.Computed && after[attribute.Name].IsNull() {
			after[attribute.Name] = before[attribute.Name]
		}
	}
	return tftypes.NewValue(s.kind, after)
}

func (s *session) plan(prior tftypes.Value, private []byte, config tftypes.Value) plan {
	s.t.Helper()
	resp, err := s.server.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: "provisioning_job", PriorState: dynamic(s.t, s.kind, prior), PriorPrivate: private,
		Config: dynamic(s.t, s.kind, config), ProposedNewState: dynamic(s.t, s.kind, s.proposed(prior, config)),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return plan{state: s.value(resp.PlannedState), private: resp.PlannedPrivate, messages: messages(resp.Diagnostics), replace: len(resp.RequiresReplace)}
}

func (s *session) apply(prior tftypes.Value, p plan, config tftypes.Value) (state tftypes.Value, private []byte, got []message) {
	s.t.Helper()
	resp, err := s.server.ApplyResourceChange(s.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: "provisioning_job", PriorState: dynamic(s.t, s.kind, prior), PlannedState: dynamic(s.t, s.kind, p.state),
		Config: dynamic(s.t, s.kind, config), PlannedPrivate: p.private,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.value(resp.NewState), resp.Private, messages(resp.Diagnostics)
}

func (s *session) read(state tftypes.Value, private []byte) (tftypes.Value, []byte, []message) {
	s.t.Helper()
	resp, err := s.server.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "provisioning_job", CurrentState: dynamic(s.t, s.kind, state), Private: private,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.value(resp.NewState), resp.Private, messages(resp.Diagnostics)
}

// created is the state after a first apply and the read that precedes the next plan.
func (s *session) created(config tftypes.Value) (tftypes.Value, []byte) {
	s.t.Helper()
	first := s.plan(s.null(), nil, config)
	state, private, got := s.apply(s.null(), first, config)
	if len(got) > 0 {
		s.t.Fatalf("create: %+v", got)
	}
	state, private, got = s.read(state, private)
	if len(got) > 0 {
		s.t.Fatalf("read: %+v", got)
	}
	return state, private
}

func (s *session) null() tftypes.Value { return tftypes.NewValue(s.kind, nil) }

func (s *session) value(raw *tfprotov6.DynamicValue) tftypes.Value {
	s.t.Helper()
	if raw == nil {
		return s.null()
	}
	value, err := raw.Unmarshal(s.kind)
	if err != nil {
		s.t.Fatal(err)
	}
	return value
}

func (s *session) attributes(value tftypes.Value) map[string]tftypes.Value {
	s.t.Helper()
	var attributes map[string]tftypes.Value
	if err := value.As(&attributes); err != nil {
		s.t.Fatal(err)
	}
	return attributes
}

// pick returns some attributes as plain Go values; "unknown" stands for an unknown value.
func (s *session) pick(value tftypes.Value, names ...string) values {
	s.t.Helper()
	attributes, picked := s.attributes(value), values{}
	for _, name := range names {
		picked[name] = plain(s.t, attributes[name])
	}
	return picked
}

func plain(t *testing.T, value tftypes.Value) any {
	t.Helper()
	switch {
	case !value.IsKnown():
		return "unknown"
	case value.IsNull():
		return nil
	}
	var err error
	defer func() {
		if err != nil {
			t.Fatal(err)
		}
	}()
	switch {
	case value.Type().Is(tftypes.String):
		var text string
		err = value.As(&text)
		return text
	case value.Type().Is(tftypes.Bool):
		var truth bool
		err = value.As(&truth)
		return truth
	case value.Type().Is(tftypes.Number):
		var number *big.Float
		if err = value.As(&number); err != nil {
			return nil
		}
		result, _ := number.Float64()
		return result
	case value.Type().Is(tftypes.Object{}):
		var children map[string]tftypes.Value
		err = value.As(&children)
		object := values{}
		for name, child := range children {
			object[name] = plain(t, child)
		}
		return object
	default:
		var elements []tftypes.Value
		err = value.As(&elements)
		list := []any{}
		for _, element := range elements {
			list = append(list, plain(t, element))
		}
		return list
	}
}

func dynamic(t *testing.T, kind tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	raw, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		t.Fatal(err)
	}
	return &raw
}

func messages(diagnostics []*tfprotov6.Diagnostic) []message {
	var result []message
	for _, d := range diagnostics {
		m := message{Severity: d.Severity.String(), Summary: d.Summary, Detail: d.Detail}
		if d.Attribute != nil {
			m.Path = d.Attribute.String()
		}
		result = append(result, m)
	}
	return result
}

// unquoted makes private data readable: the framework keeps each key base64 encoded.
func unquoted(private []byte) string {
	var keys map[string][]byte
	if err := json.Unmarshal(private, &keys); err != nil {
		return err.Error()
	}
	return string(keys[positionKey])
}

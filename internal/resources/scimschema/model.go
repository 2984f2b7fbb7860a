package scimschema

import (
	"errors"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// Model is the data source in configuration and state.
type Model struct {
	ConnectionID types.String `tfsdk:"connection_id"`
	ObjectType   types.String `tfsdk:"object_type"`
	Remembered   types.Bool   `tfsdk:"remembered"`
	Features     *Features    `tfsdk:"features"`
	Attributes   []Attribute  `tfsdk:"attributes"`
	Problems     []string     `tfsdk:"problems"`
	Learned      []Capability `tfsdk:"learned"`
}

// Features are what the target announces.
type Features struct {
	Patch           types.Bool  `tfsdk:"patch"`
	Bulk            types.Bool  `tfsdk:"bulk"`
	Filter          types.Bool  `tfsdk:"filter"`
	Sort            types.Bool  `tfsdk:"sort"`
	ETag            types.Bool  `tfsdk:"etag"`
	ChangePassword  types.Bool  `tfsdk:"change_password"`
	CursorPaging    types.Bool  `tfsdk:"cursor_paging"`
	MaxOperations   types.Int64 `tfsdk:"max_operations"`
	MaxPayloadBytes types.Int64 `tfsdk:"max_payload_bytes"`
	MaxResults      types.Int64 `tfsdk:"max_results"`
	Authentication  []string    `tfsdk:"authentication"`
}

// Attribute is one attribute of the target.
type Attribute struct {
	ObjectType      types.String `tfsdk:"object_type"`
	Path            types.String `tfsdk:"path"`
	Type            types.String `tfsdk:"type"`
	MultiValued     types.Bool   `tfsdk:"multi_valued"`
	Required        types.Bool   `tfsdk:"required"`
	CaseExact       types.Bool   `tfsdk:"case_exact"`
	Mutability      types.String `tfsdk:"mutability"`
	Uniqueness      types.String `tfsdk:"uniqueness"`
	CanonicalValues []string     `tfsdk:"canonical_values"`
	Description     types.String `tfsdk:"description"`
}

// Capability is one thing that was found out.
type Capability struct {
	Name   types.String `tfsdk:"name"`
	Value  types.String `tfsdk:"value"`
	Reason types.String `tfsdk:"reason"`
}

func (m *Model) fromAPI(d *provisioningv1.Discovery, remembered bool, learned []*provisioningv1.TargetCapability) {
	m.Remembered = types.BoolValue(remembered)
	m.Problems = texts(d.GetProblems())
	if f := d.GetFeatures(); f != nil {
		m.Features = &Features{
			Patch: types.BoolValue(f.GetPatch()), Bulk: types.BoolValue(f.GetBulk()), Filter: types.BoolValue(f.GetFilter()), Sort: types.BoolValue(f.GetSort()),
			ETag: types.BoolValue(f.GetEtag()), ChangePassword: types.BoolValue(f.GetChangePassword()), CursorPaging: types.BoolValue(f.GetCursor()),
			MaxOperations: limit(f.GetMaxOperations()), MaxPayloadBytes: limit(f.GetMaxPayloadBytes()), MaxResults: limit(f.GetMaxResults()),
			Authentication: texts(f.GetAuthentication()),
		}
	}
	m.Attributes = []Attribute{}
	for _, a := range d.GetAttributes() {
		if wanted := m.ObjectType.ValueString(); wanted != "" && wanted != a.GetObjectType() {
			continue
		}
		m.Attributes = append(m.Attributes, Attribute{
			ObjectType: types.StringValue(a.GetObjectType()), Path: types.StringValue(a.GetPath()), Type: types.StringValue(a.GetType()),
			MultiValued: types.BoolValue(a.GetMultiValued()), Required: types.BoolValue(a.GetRequired()), CaseExact: types.BoolValue(a.GetCaseExact()),
			Mutability: types.StringValue(a.GetMutability()), Uniqueness: types.StringValue(a.GetUniqueness()),
			CanonicalValues: texts(a.GetCanonicalValues()), Description: optional(a.GetDescription()),
		})
	}
	m.Learned = []Capability{}
	for _, fact := range learned {
		m.Learned = append(m.Learned, Capability{Name: types.StringValue(fact.GetName()), Value: types.StringValue(fact.GetValue()), Reason: optional(fact.GetReason())})
	}
}

// texts is never null: a list without elements is known to be empty.
func texts(values []string) []string { return append([]string{}, values...) }

func limit(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

func optional(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// connectMessage is an error in the engine's own words.
func connectMessage(err error) string {
	if failure, ok := errors.AsType[*connect.Error](err); ok {
		return failure.Message()
	}
	return err.Error()
}

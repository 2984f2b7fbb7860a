package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var errNotKnown = errors.New("the value is not known yet")

// sourceObject reads the attributes argument of a function: an object or a map.
func sourceObject(ctx context.Context, argument types.Dynamic) (map[string]directory.Value, error) {
	members, ok := membersOf(argument)
	if !ok {
		return nil, errors.New(`attributes must be an object or a map, such as { givenName = "Ada" }`)
	}
	attributes := make(map[string]directory.Value, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value, err := fromTerraform(ctx, members[name])
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		attributes[name] = value
	}
	return attributes, nil
}

// underlying unwraps a dynamic value.
func underlying(value attr.Value) attr.Value {
	if dynamic, ok := value.(basetypes.DynamicValue); ok && !dynamic.IsNull() && !dynamic.IsUnknown() {
		return dynamic.UnderlyingValue()
	}
	return value
}

// membersOf returns the members of an object or a map.
func membersOf(value attr.Value) (map[string]attr.Value, bool) {
	if value == nil || value.IsNull() || value.IsUnknown() {
		return nil, false
	}
	switch v := underlying(value).(type) {
	case basetypes.ObjectValue:
		return v.Attributes(), true
	case basetypes.MapValue:
		return v.Elements(), true
	default:
		return nil, false
	}
}

// elementsOf returns the elements of a list, a tuple or a set.
func elementsOf(value attr.Value) ([]attr.Value, bool) {
	if value == nil || value.IsNull() || value.IsUnknown() {
		return nil, false
	}
	switch v := underlying(value).(type) {
	case basetypes.ListValue:
		return v.Elements(), true
	case basetypes.TupleValue:
		return v.Elements(), true
	case basetypes.SetValue:
		return v.Elements(), true
	default:
		return nil, false
	}
}

// fromTerraform converts a value of a configuration to one of a source object.
func fromTerraform(ctx context.Context, value attr.Value) (directory.Value, error) {
	value = underlying(value)
	if value == nil || value.IsNull() {
		return directory.Null(), nil
	}
	if value.IsUnknown() {
		return directory.Null(), errNotKnown
	}
	switch v := value.(type) {
	case basetypes.StringValue:
		return directory.Text(v.ValueString()), nil
	case basetypes.BoolValue:
		return directory.Boolean(v.ValueBool()), nil
	case basetypes.NumberValue:
		return fromNumber(v), nil
	}
	if elements, ok := elementsOf(value); ok {
		list := make([]directory.Value, len(elements))
		for i, element := range elements {
			var err error
			if list[i], err = fromTerraform(ctx, element); err != nil {
				return directory.Null(), err
			}
		}
		return directory.List(list...), nil
	}
	members, ok := membersOf(value)
	if !ok {
		return directory.Null(), fmt.Errorf("a value of type %s cannot be an attribute", value.Type(ctx))
	}
	record := make(map[string]directory.Value, len(members))
	for name, member := range members {
		var err error
		if record[name], err = fromTerraform(ctx, member); err != nil {
			return directory.Null(), err
		}
	}
	return directory.Record(record), nil
}

// largestExponent bounds, in bits, the numbers whose digits are written out.
const largestExponent = 4096

// fromNumber keeps every digit: what is no 64-bit integer is a text, as when a source reads JSON.
func fromNumber(value basetypes.NumberValue) directory.Value {
	number := value.ValueBigFloat()
	if !number.IsInt() || number.MantExp(nil) > largestExponent {
		return directory.Text(number.Text('g', -1))
	}
	integer, _ := number.Int(nil)
	if integer.IsInt64() {
		return directory.Integer(integer.Int64())
	}
	return directory.Text(integer.String())
}

// toTerraform converts a result: texts in the form of expressions.md 1.1, lists and objects of them, and null.
func toTerraform(ctx context.Context, value directory.Value) (attr.Value, diag.Diagnostics) {
	if text, ok := value.Text(); ok {
		return types.StringValue(text), nil
	}
	switch value.Kind() {
	case directory.KindList:
		return toList(ctx, value.Elements())
	case directory.KindRecord:
		memberTypes, members := map[string]attr.Type{}, map[string]attr.Value{}
		for _, name := range value.FieldNames() {
			member, diags := toTerraform(ctx, value.Field(name))
			if diags.HasError() {
				return nil, diags
			}
			memberTypes[name], members[name] = member.Type(ctx), member
		}
		return types.ObjectValue(memberTypes, members)
	default:
		return types.StringNull(), nil
	}
}

// toList makes a list, or a tuple when the elements differ in type.
func toList(ctx context.Context, elements []directory.Value) (attr.Value, diag.Diagnostics) {
	if len(elements) == 0 {
		return types.ListValue(types.StringType, nil)
	}
	elementTypes, values := make([]attr.Type, len(elements)), make([]attr.Value, len(elements))
	same := true
	for i, element := range elements {
		var diags diag.Diagnostics
		if values[i], diags = toTerraform(ctx, element); diags.HasError() {
			return nil, diags
		}
		elementTypes[i] = values[i].Type(ctx)
		same = same && elementTypes[i].Equal(elementTypes[0])
	}
	if same {
		return types.ListValue(elementTypes[0], values)
	}
	return types.TupleValue(elementTypes, values)
}

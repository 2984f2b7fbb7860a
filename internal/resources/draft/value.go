package draft

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Text returns what the engine holds as an optional text: "" is absent, and absent is null.
func Text(value string) types.String {
	if value == "" {
		return types.StringNull()
	}
	return types.StringValue(value)
}

// Whole returns what the engine holds as an optional whole number: 0 is absent, and absent is null.
func Whole[N int32 | int64](value N) types.Int64 {
	if value == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(int64(value))
}

// TextSet returns what the engine holds as an optional set of texts: an empty one is absent, and absent is null.
func TextSet(ctx context.Context, values []string) (types.Set, diag.Diagnostics) {
	if len(values) == 0 {
		return types.SetNull(types.StringType), nil
	}
	return types.SetValueFrom(ctx, types.StringType, values)
}

// Sorted returns the texts of a known set in order, nil when it is null.
func Sorted(ctx context.Context, set types.Set) ([]string, diag.Diagnostics) {
	if set.IsNull() {
		return nil, nil
	}
	var values []string
	diags := set.ElementsAs(ctx, &values, false)
	slices.Sort(values)
	return values, diags
}

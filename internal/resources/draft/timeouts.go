package draft

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// defaultTimeout bounds each operation on a draft (terraform-conventions.md 9).
const defaultTimeout = 5 * time.Minute

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	describe := func(operation string) string {
		return "How long to wait for " + operation + ", as a duration such as `30s` or `2m`. Default `5m`."
	}
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: describe("creation"),
		Read: true, ReadDescription: describe("reading, which every plan does"),
		Update: true, UpdateDescription: describe("an update"),
		Delete: true, DeleteDescription: describe("deletion"),
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long operations may take before they fail."
		return nested
	}
	return attribute
}

// getter is a plan or a state.
type getter interface {
	GetAttribute(ctx context.Context, path path.Path, target any) diag.Diagnostics
}

// bounded returns a context that ends with the timeout that choose picks from a plan or state.
func bounded(ctx context.Context, from getter, choose func(timeouts.Value, context.Context, time.Duration) (time.Duration, diag.Diagnostics)) (context.Context, context.CancelFunc, diag.Diagnostics) {
	var value timeouts.Value
	diags := from.GetAttribute(ctx, path.Root("timeouts"), &value)
	if diags.HasError() {
		return ctx, func() {}, diags
	}
	limit, more := choose(value, ctx, defaultTimeout)
	diags.Append(more...)
	ctx, cancel := context.WithTimeout(ctx, limit)
	return ctx, cancel, diags
}

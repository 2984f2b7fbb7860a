package job

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Private data is the only thing of ours that reaches the second planning pass (key position, written by Read) and
// Delete (key retirement, written by the destroy plan) through a saved plan (plan-preview-mechanics.md 3.4).
const (
	positionKey   = "position"
	retirementKey = "retirement"
)

type keyReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type keyWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// pin is the position that Read reached and when.
type pin struct {
	Position string    `json:"position"`
	ReadAt   time.Time `json:"read_at"`
}

// approval is what a destroy plan showed.
type approval struct {
	AccountsDigest string `json:"accounts_digest"`
	Position       string `json:"position"`
}

// load fills target from private data; found is false when the key is not there or not readable. Unreadable data is
// treated as missing: every caller has a safe answer for that.
func load(ctx context.Context, from keyReader, key string, target any) (found bool, diags diag.Diagnostics) {
	raw, diags := from.GetKey(ctx, key)
	if diags.HasError() || len(raw) == 0 {
		return false, diags
	}
	return json.Unmarshal(raw, target) == nil, diags
}

func save(ctx context.Context, to keyWriter, key string, value any) diag.Diagnostics {
	raw, err := json.Marshal(value)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("Cannot keep private data", "Encoding private data of the job: "+err.Error())
		return diags
	}
	return to.SetKey(ctx, key, raw)
}

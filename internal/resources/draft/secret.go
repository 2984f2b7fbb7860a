package draft

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// fingerprintKey names the private data that holds the fingerprint of the secret last sent.
func (s Secret) fingerprintKey() string { return "fingerprint_" + s.Name }

// privateData is the private data of a response.
type privateData interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// send adds the secret to the request and remembers its fingerprint. A draft without a secret sends none.
func (s Secret) send(ctx context.Context, config tfsdk.Config, request *provisioningv1.PutDraftRequest, private privateData) diag.Diagnostics {
	var value types.String
	var version types.Int64
	diags := config.GetAttribute(ctx, s.Value, &value)
	diags.Append(config.GetAttribute(ctx, s.Version, &version)...)
	switch {
	case diags.HasError():
		return diags
	case value.IsNull() && version.IsNull():
		// SetKey refuses empty data; null is what matches no secret.
		diags.Append(private.SetKey(ctx, s.fingerprintKey(), []byte("null"))...)
		return diags
	case value.IsNull():
		diags.AddAttributeError(s.Value, "Secret is missing",
			"The version of the secret changed, but there is no secret to send. A write-only value from an ephemeral variable "+
				"has to be supplied to apply as well as to plan.")
		return diags
	}
	if request.Secrets == nil {
		request.Secrets = map[string]string{}
	}
	request.Secrets[s.Name] = value.ValueString()
	mark, err := newFingerprint(value.ValueString(), s.iterations())
	if err != nil {
		diags.AddError("Cannot fingerprint the secret", err.Error())
		return diags
	}
	diags.Append(private.SetKey(ctx, s.fingerprintKey(), mark)...)
	return diags
}

// versionChanged reports whether the plan asks to send the secret again.
func (s Secret) versionChanged(ctx context.Context, state, plan getter) (bool, diag.Diagnostics) {
	var before, after types.Int64
	diags := state.GetAttribute(ctx, s.Version, &before)
	diags.Append(plan.GetAttribute(ctx, s.Version, &after)...)
	return !before.Equal(after), diags
}

// warnIfUnsent warns about a secret that differs from the one sent last although its version is the same: a
// write-only value alone makes no difference in a plan.
func (s Secret) warnIfUnsent(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	if req.State.Raw.IsNull() {
		return nil
	}
	changed, diags := s.versionChanged(ctx, req.State, req.Plan)
	var value types.String
	diags.Append(req.Config.GetAttribute(ctx, s.Value, &value)...)
	if diags.HasError() || changed || value.IsNull() || value.IsUnknown() {
		return diags
	}
	stored, more := req.Private.GetKey(ctx, s.fingerprintKey())
	diags.Append(more...)
	if differs(stored, value.ValueString()) {
		diags.AddAttributeWarning(s.Value, "Changed secret is not sent",
			fmt.Sprintf("The value of %s differs from the one that was sent last, but %s did not change. The engine keeps using the "+
				"old one. Raise the version to send the new one.", s.Value, s.Version))
	}
	return diags
}

// fingerprint recognises a secret without containing it. It is slow to compute, because private data is stored
// in the state, where a fast hash of a short secret could be reversed.
type fingerprint struct {
	Iterations int    `json:"iterations"`
	Salt       []byte `json:"salt"`
	Hash       []byte `json:"pbkdf2_sha256"`
}

// How slow a fingerprint is. The smaller number takes some tens of milliseconds for each secret in every plan; tokens are long and
// random. What people choose needs the larger one (OWASP).
const (
	iterations       = 100_000
	chosenIterations = 600_000
)

func (s Secret) iterations() int {
	if s.Chosen {
		return chosenIterations
	}
	return iterations
}

func newFingerprint(secret string, iterations int) ([]byte, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, fmt.Errorf("make a salt: %w", err)
	}
	hash, err := pbkdf2.Key(sha256.New, secret, salt, iterations, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the fingerprint: %w", err)
	}
	return json.Marshal(fingerprint{Iterations: iterations, Salt: salt, Hash: hash})
}

// differs reports whether a stored fingerprint belongs to another secret. Without a usable one, as after an
// import, nothing can be said.
func differs(stored []byte, secret string) bool {
	var mark fingerprint
	if err := json.Unmarshal(stored, &mark); err != nil || len(mark.Hash) == 0 {
		return false
	}
	hash, err := pbkdf2.Key(sha256.New, secret, mark.Salt, mark.Iterations, len(mark.Hash))
	return err == nil && subtle.ConstantTimeCompare(hash, mark.Hash) != 1
}

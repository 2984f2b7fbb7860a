package engineaccess_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

func TestReader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data          any
		summary, says string
	}{
		"no configuration yet": {nil, "Provider is not configured", "so the links cannot be read. Apply first"},
		"no engine": {planwalk.New(func(context.Context) (planwalk.Engine, error) {
			return planwalk.Engine{}, errors.New("disk full")
		}), "Cannot open the engine", "Cause: disk full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reader engineaccess.Reader
			var configured datasource.ConfigureResponse
			reader.Configure(t.Context(), datasource.ConfigureRequest{ProviderData: c.data}, &configured)
			var diags diag.Diagnostics
			_, ok := reader.Open(t.Context(), "the links cannot be read", &diags)
			if ok || configured.Diagnostics.HasError() || len(diags) != 1 || diags[0].Summary() != c.summary || !strings.Contains(diags[0].Detail(), c.says) {
				t.Errorf("%v %v %v", ok, configured.Diagnostics, diags)
			}
		})
	}
	var reader engineaccess.Reader
	var configured datasource.ConfigureResponse
	reader.Configure(t.Context(), datasource.ConfigureRequest{ProviderData: 42}, &configured)
	if !configured.Diagnostics.HasError() {
		t.Error("an int was taken for a walk")
	}
}

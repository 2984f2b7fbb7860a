package engineaccess_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

func TestFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want string // whole detail
	}{
		{
			"invalid", connect.NewError(connect.CodeInvalidArgument, errors.New("clause 1 is wrong")),
			`Could not update the scoping filter "wiki/sales": the engine refused it as invalid. Correct the configuration as the message says and apply again.` +
				"\n\nThe engine says: clause 1 is wrong",
		},
		{
			"wrapped", fmt.Errorf("put: %w", connect.NewError(connect.CodeUnavailable, errors.New("GET /Users: connection refused"))),
			`Could not update the scoping filter "wiki/sales": the engine, or something it needs, did not answer. Check that the system named in the ` +
				"message is reachable and apply again; what was already done is not repeated.\n\nThe engine says: GET /Users: connection refused",
		},
		{
			"timeout before the wire", context.DeadlineExceeded,
			`Could not update the scoping filter "wiki/sales": it took longer than its timeout. Raise the value in the timeouts attribute if this is ` +
				"expected, and apply again.\n\nCause: context deadline exceeded",
		},
		{
			"unforeseen", errors.New("disk full"),
			`Could not update the scoping filter "wiki/sales": the engine failed in a way that was not foreseen. If the message names no cause that you ` +
				"can mend, please report it at https://github.com/app-provisioning/terraform-provider-provisioning/issues.\n\nCause: disk full",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := diag.NewErrorDiagnostic("Cannot update scoping filter", c.want)
			if got := engineaccess.Failure("update", "scoping filter", "wiki/sales", c.err); !got.Equal(want) {
				t.Errorf("got  %q\nwant %q", got.Detail(), want.Detail())
			}
		})
	}
}

// Every code has words of its own; a new one must not fall through to the unforeseen unnoticed.
func TestFailureKnowsEveryCode(t *testing.T) {
	t.Parallel()
	unforeseen := map[connect.Code]bool{connect.CodeUnknown: true, connect.CodeInternal: true, connect.CodeDataLoss: true}
	for code := connect.CodeCanceled; code <= connect.CodeUnauthenticated; code++ {
		got := engineaccess.Failure("create", "app", "wiki", connect.NewError(code, errors.New("x")))
		if strings.Contains(got.Detail(), "not foreseen") != unforeseen[code] {
			t.Errorf("%s: %s", code, got.Detail())
		}
	}
}

func TestIsNotFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errors.New("no such file"), false},
		{connect.NewError(connect.CodeNotFound, errors.New("no draft")), true},
		{fmt.Errorf("get: %w", connect.NewError(connect.CodeNotFound, errors.New("no draft"))), true},
	} {
		if got := engineaccess.IsNotFound(c.err); got != c.want {
			t.Errorf("%v: got %v", c.err, got)
		}
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	walk := planwalk.New(nil)
	if got, diags := engineaccess.Walk(walk); got != walk || diags.HasError() {
		t.Errorf("the walk: got %v, %v", got, diags)
	}
	if got, diags := engineaccess.Walk(nil); got != nil || diags.HasError() {
		t.Errorf("nothing, as in the validate walk: got %v, %v", got, diags)
	}
	if got, diags := engineaccess.Walk("walk"); got != nil || !diags.HasError() {
		t.Errorf("another type: got %v, %v", got, diags)
	}
}

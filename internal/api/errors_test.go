package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"connectrpc.com/connect"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func TestWireError(t *testing.T) {
	t.Parallel()
	of := func(kind directory.ErrorKind) error { return directory.Errorf(kind, "job wiki/main: no") }
	tests := []struct {
		name string
		err  error
		want connect.Code
	}{
		{"transient", of(directory.Transient), connect.CodeUnavailable},
		{"throttled", of(directory.Throttled), connect.CodeResourceExhausted},
		{"conflict", of(directory.Conflict), connect.CodeFailedPrecondition},
		{"invalid", of(directory.Invalid), connect.CodeInvalidArgument},
		{"unauthorised", of(directory.Unauthorised), connect.CodeFailedPrecondition},
		{"forbidden", of(directory.Forbidden), connect.CodePermissionDenied},
		{"not found", of(directory.NotFound), connect.CodeNotFound},
		{"unsupported", of(directory.Unsupported), connect.CodeUnimplemented},
		{"incompatible", of(directory.Incompatible), connect.CodeFailedPrecondition},
		{"limit exceeded", of(directory.LimitExceeded), connect.CodeFailedPrecondition},
		{"fatal", of(directory.Fatal), connect.CodeInternal},
		{"of no kind", io.ErrUnexpectedEOF, connect.CodeInternal},
		{"wrapped", fmt.Errorf("commit: %w", of(directory.NotFound)), connect.CodeNotFound},
		{"joined", errors.Join(io.EOF, of(directory.Invalid)), connect.CodeInvalidArgument},
		{"cancelled", fmt.Errorf("read page 3: %w", context.Canceled), connect.CodeCanceled},
		{"cancelled, with a kind", directory.Errorf(directory.Transient, "find ada: %w", context.Canceled), connect.CodeCanceled},
		{"deadline", fmt.Errorf("read page 3: %w", context.DeadlineExceeded), connect.CodeDeadlineExceeded},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := wireError(test.err)
			wire, ok := errors.AsType[*connect.Error](got)
			if !ok || wire.Code() != test.want || wire.Message() != test.err.Error() || !errors.Is(got, test.err) {
				t.Errorf("got %v, want code %s and the message %q", got, test.want, test.err)
			}
		})
	}
	if err := wireError(nil); err != nil {
		t.Errorf("no error became %v", err)
	}
}

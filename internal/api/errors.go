package api

import (
	"context"
	"errors"

	"connectrpc.com/connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// codes says which code a kind of error has on the wire.
var codes = map[directory.ErrorKind]connect.Code{
	directory.Transient:     connect.CodeUnavailable,
	directory.Throttled:     connect.CodeResourceExhausted,
	directory.Conflict:      connect.CodeFailedPrecondition,
	directory.Invalid:       connect.CodeInvalidArgument,
	directory.Unauthorised:  connect.CodeFailedPrecondition,
	directory.Forbidden:     connect.CodePermissionDenied,
	directory.NotFound:      connect.CodeNotFound,
	directory.Unsupported:   connect.CodeUnimplemented,
	directory.Incompatible:  connect.CodeFailedPrecondition,
	directory.LimitExceeded: connect.CodeFailedPrecondition,
	directory.Fatal:         connect.CodeInternal,
}

// wireError gives an error its code. The message is the engine's own: it is written for people and holds no secret.
func wireError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return connect.NewError(connect.CodeCanceled, err)
	case errors.Is(err, context.DeadlineExceeded):
		return connect.NewError(connect.CodeDeadlineExceeded, err)
	}
	return connect.NewError(codes[directory.KindOf(err)], err)
}

package engineaccess

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Unopened returns the error for an engine that could not be started or reached.
func Unopened(err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot open the engine",
		"The provisioning engine could not be opened, so nothing was read or changed. Check the provider's "+
			"embedded.store and embedded.key_file (or PROVISIONING_STORE and PROVISIONING_STORE_KEY_FILE), and that no "+
			"other run is using the same store.\n\n"+message(err))
}

// Failure returns the error for a call that the engine did not carry out. The action is a verb ("create"), the
// noun says what kind of object ("scoping filter"), and the id which one.
func Failure(action, noun, id string, err error) diag.Diagnostic {
	summary := fmt.Sprintf("Cannot %s %s", action, noun)
	reason, next := meaning(code(err))
	return diag.NewErrorDiagnostic(summary,
		fmt.Sprintf("Could not %s the %s %q: %s. %s\n\n%s", action, noun, id, reason, next, message(err)))
}

// IsNotFound reports whether the engine answered that the object is not there.
func IsNotFound(err error) bool { return code(err) == connect.CodeNotFound }

// code returns the kind of an error, also of one that never reached the wire.
func code(err error) connect.Code {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return connect.CodeDeadlineExceeded
	case errors.Is(err, context.Canceled):
		return connect.CodeCanceled
	default:
		return connect.CodeOf(err)
	}
}

// meaning says why and what to do next.
func meaning(code connect.Code) (reason, next string) {
	switch code {
	case connect.CodeNotFound:
		return "the engine does not know it, or something it refers to",
			"Make sure that what it refers to is managed by the same provider configuration and store, and apply again."
	case connect.CodeInvalidArgument, connect.CodeOutOfRange:
		return "the engine refused it as invalid", "Correct the configuration as the message says and apply again."
	case connect.CodeAlreadyExists:
		return "the engine already has one", "Import it, or choose another key."
	case connect.CodeFailedPrecondition:
		return "the engine cannot do this in the present state", "Do what the message asks for and run plan again."
	case connect.CodeAborted:
		return "something else changed it at the same time", "Run plan again."
	case connect.CodeResourceExhausted:
		return "the engine or the target asked to slow down", "Wait a moment and apply again."
	case connect.CodePermissionDenied, connect.CodeUnauthenticated:
		return "access was refused", "Check the credentials and permissions that the message names."
	case connect.CodeUnavailable:
		return "the engine, or something it needs, did not answer",
			"Check that the system named in the message is reachable and apply again; what was already done is not repeated."
	case connect.CodeDeadlineExceeded:
		return "it took longer than its timeout", "Raise the value in the timeouts attribute if this is expected, and apply again."
	case connect.CodeCanceled:
		return "it was interrupted", "Apply again to continue."
	case connect.CodeUnimplemented:
		return "this engine cannot do it", "Use a version of the engine that supports it."
	default:
		return "the engine failed in a way that was not foreseen",
			"If the message names no cause that you can mend, please report it at " + issues + "."
	}
}

// message returns the engine's own words, on a line of their own.
func message(err error) string {
	if failure, ok := errors.AsType[*connect.Error](err); ok {
		return "The engine says: " + failure.Message()
	}
	return "Cause: " + err.Error()
}

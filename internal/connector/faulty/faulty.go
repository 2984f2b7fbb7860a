package faulty

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Options configure the faults.
type Options struct {
	// Rules in the order in which they are tried.
	Rules []Rule
	// OnCall is told of every call before it happens, faulty or not; a test cancels or kills from here.
	OnCall func(Call)
	// OnReturn is told of every call after it happened, with the error its caller will see.
	OnReturn func(Call, error)
}

// Connector passes calls on to another connector, except those that go wrong.
type Connector struct {
	inner    connector.Connector
	onCall   func(Call)
	onReturn func(Call, error)
	clerk    *clerk
}

var _ connector.Connector = (*Connector)(nil)

// Wrap returns a connector around inner.
func Wrap(inner connector.Connector, options Options) *Connector {
	c := &Connector{inner: inner, onCall: options.OnCall, onReturn: options.OnReturn,
		clerk: &clerk{rules: slices.Clone(options.Rules), used: make([]int, len(options.Rules)), counts: map[Method]int{}}}
	if c.onCall == nil {
		c.onCall = func(Call) {}
	}
	if c.onReturn == nil {
		c.onReturn = func(Call, error) {}
	}
	return c
}

// Trace returns all calls so far, in order.
func (c *Connector) Trace() []Call {
	c.clerk.mu.Lock()
	defer c.clerk.mu.Unlock()
	return slices.Clone(c.clerk.trace)
}

// Writes returns how many operations were asked for so far.
func (c *Connector) Writes() int {
	c.clerk.mu.Lock()
	defer c.clerk.mu.Unlock()
	return c.clerk.writes
}

// Capabilities passes on; it is not a call to the target.
func (c *Connector) Capabilities() connector.Capabilities { return c.inner.Capabilities() }

// Canonical passes on; it is not a call to the target.
func (c *Connector) Canonical(objectType directory.ObjectType, attribute string, value directory.Value) (directory.Value, error) {
	return c.inner.Canonical(objectType, attribute, value)
}

// Test passes on, or fails.
func (c *Connector) Test(ctx context.Context, probe connector.Probe) error {
	return c.run(Call{Method: Test, Type: probe.Type, Subject: probe.Value}, func(Fault) error { return c.inner.Test(ctx, probe) })
}

// Find passes on, or fails.
func (c *Connector) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	var found []connector.Account
	call := Call{Method: Find, Type: query.Type, Subject: query.Value.String()}
	err := c.run(call, func(fault Fault) (err error) {
		found, err = c.inner.Find(ctx, query)
		if fault == WrongID {
			for i := range found {
				found[i].Anchor = WrongAnchor
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Get passes on, or fails.
func (c *Connector) Get(ctx context.Context, objectType directory.ObjectType, anchor directory.Anchor, attributes []string) (connector.Account, error) {
	var account connector.Account
	err := c.run(Call{Method: Get, Type: objectType, Subject: string(anchor)}, func(fault Fault) (err error) {
		account, err = c.inner.Get(ctx, objectType, anchor, attributes)
		if fault == WrongID && err == nil {
			account.Anchor = WrongAnchor
		}
		return err
	})
	if err != nil {
		return connector.Account{}, err
	}
	return account, nil
}

// List passes on page by page, or fails. A list is one call, and so is each of its pages.
func (c *Connector) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	errTruncated := errors.New("truncated")
	err := c.run(Call{Method: List, Type: listing.Type}, func(Fault) error {
		return c.inner.List(ctx, listing, func(accounts []connector.Account) error {
			return c.run(Call{Method: Page, Type: listing.Type}, func(fault Fault) error {
				switch fault {
				case ListTruncated:
					if err := deliver(accounts[:len(accounts)/2]); err != nil {
						return err
					}
					return errTruncated
				case PageRepeated:
					if err := deliver(accounts); err != nil {
						return err
					}
				}
				return deliver(accounts)
			})
		})
	})
	if errors.Is(err, errTruncated) {
		return nil
	}
	return err
}

// Apply executes the operations one after the other, each a call of its own, so that the n-th write is the
// same one in every run.
func (c *Connector) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	outcomes := make([]connector.Outcome, len(operations))
	for i, operation := range operations {
		outcomes[i] = c.execute(ctx, operation)
	}
	return outcomes
}

func (c *Connector) execute(ctx context.Context, operation connector.Operation) connector.Outcome {
	if err := ctx.Err(); err != nil {
		return connector.Outcome{Target: operation.Target,
			Err: directory.Errorf(directory.Transient, "%s %s: not started: %w", operation.Kind, operation.Type, err)}
	}
	outcome := connector.Outcome{Target: operation.Target}
	call := Call{Method: Method(operation.Kind), OperationID: operation.ID, Type: operation.Type, Subject: string(operation.Target)}
	err := c.run(call, func(fault Fault) error {
		outcome = c.inner.Apply(ctx, []connector.Operation{operation})[0]
		if fault == WrongID && outcome.Err == nil {
			outcome.Target = WrongAnchor
		}
		return outcome.Err
	})
	if err != nil && outcome.Err == nil {
		// The answer is lost, and with it the id of what was created and the members that were refused.
		outcome = connector.Outcome{Target: operation.Target}
	}
	outcome.Err = err
	return outcome
}

// run numbers a call, tells of it, and lets it go right or wrong.
func (c *Connector) run(call Call, pass func(Fault) error) error {
	call, fault := c.clerk.register(call)
	c.onCall(call)
	err := c.outcome(call, fault, pass)
	c.onReturn(call, err)
	return err
}

// retryAfter is what the throttled fault asks for.
const retryAfter = 3 * time.Second

func (c *Connector) outcome(call Call, fault Fault, pass func(Fault) error) error {
	write := call.Method.Write()
	fail := func(kind directory.ErrorKind, code, what string, unknown bool, cause error) error {
		return &directory.Error{Kind: kind, Code: code, Message: fmt.Sprintf("%s %s: %s", call.Method, call.Subject, what),
			OutcomeUnknown: write && unknown, Err: cause}
	}
	switch fault {
	case FailBefore:
		return fail(directory.Transient, "WebExceptionProtocolError", "connection refused", false, nil)
	case ServerError:
		return fail(directory.Transient, "InternalServerError", "answered 500", true, nil)
	case Reset:
		return fail(directory.Transient, "WebExceptionProtocolError", "connection reset", true, nil)
	case Timeout:
		return fail(directory.Transient, "Timeout", "no answer in time", true, context.DeadlineExceeded)
	case Unauthorised:
		return fail(directory.Unauthorised, "Unauthorized", "answered 401", false, nil)
	case Conflicting:
		return fail(directory.Conflict, "Conflict", "answered 409", false, nil)
	case Throttled:
		return &directory.Error{Kind: directory.Throttled, Code: "TooManyRequests", RetryAfter: retryAfter,
			Message: fmt.Sprintf("%s %s: answered 429", call.Method, call.Subject)}
	}
	if err := pass(fault); err != nil {
		return err
	}
	switch fault {
	case AnswerLost:
		return fail(directory.Transient, "WebExceptionProtocolError", "the answer was lost", true, nil)
	case Malformed:
		return fail(directory.Incompatible, "SystemForCrossDomainIdentityManagementServiceIncompatible", "the answer cannot be read", true, nil)
	default:
		return nil
	}
}

// Close closes what is wrapped.
func (c *Connector) Close() error { return c.inner.Close() }

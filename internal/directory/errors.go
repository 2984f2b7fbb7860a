package directory

import (
	"errors"
	"fmt"
	"time"
)

// ErrorKind is the one taxonomy of failures. The edge that knows the protocol decides the kind; every
// wrapper preserves it. Recognise it with errors.Is(err, directory.NotFound) or KindOf.
type ErrorKind string

// The kinds of error, and what the caller may do about each.
const (
	// Transient: no answer, or a fault of the other side (timeout, reset, 5xx). Retry later.
	Transient ErrorKind = "transient"
	// Throttled: the other side asked to slow down (429, 503 with Retry-After). Retry after Error.RetryAfter.
	Throttled ErrorKind = "throttled"
	// Conflict: a uniqueness rule was violated (409). Match again.
	Conflict ErrorKind = "conflict"
	// Invalid: the request or the data is wrong (400, 422, a bad configuration). Retrying does not help.
	Invalid ErrorKind = "invalid"
	// Unauthorised: the credentials are refused (401). Stops the job.
	Unauthorised ErrorKind = "unauthorised"
	// Forbidden: authenticated but not allowed (403).
	Forbidden ErrorKind = "forbidden"
	// NotFound: the object is not there (404).
	NotFound ErrorKind = "not_found"
	// Unsupported: the other side cannot do this (405, 501).
	Unsupported ErrorKind = "unsupported"
	// Incompatible: the answer is not what the protocol says (HTML, truncated or malformed JSON). When
	// it was the answer to a write, whether the write happened is unknown.
	Incompatible ErrorKind = "incompatible"
	// LimitExceeded: more accounts would be disabled or deleted than a limit allows.
	LimitExceeded ErrorKind = "limit_exceeded"
	// Fatal: anything else that must stop the work.
	Fatal ErrorKind = "fatal"
)

// Error makes a kind usable as a target of errors.Is.
func (k ErrorKind) Error() string { return string(k) }

// Error is an error of a known kind. Message says what was being done, to whom, what the other side
// answered and what to do next; it never holds a secret.
type Error struct {
	Kind ErrorKind
	// Code is the stable code of engine.md 24 (for example "DuplicateTargetEntries"), or empty.
	Code    string
	Message string
	// RetryAfter is how long the other side asked to wait; zero when it did not say.
	RetryAfter time.Duration
	// OutcomeUnknown is true when a write may have happened although it failed here (answer lost). The
	// caller must match again before repeating it.
	OutcomeUnknown bool
	Err            error
}

// Errorf builds an Error of a kind. Every %w verb is honoured.
func Errorf(kind ErrorKind, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	cause := errors.Unwrap(wrapped)
	if _, several := wrapped.(interface{ Unwrap() []error }); several {
		cause = wrapped
	}
	return &Error{Kind: kind, Message: wrapped.Error(), Err: cause}
}

// Error returns the message.
func (e *Error) Error() string {
	if e.Message != "" {
		return e.Message
	}
	if e.Err != nil {
		return e.Err.Error()
	}
	return string(e.Kind)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is this error's kind.
func (e *Error) Is(target error) bool {
	switch wanted := target.(type) {
	case ErrorKind:
		return wanted == e.Kind
	case *search:
		return wanted.test(e)
	default:
		return false
	}
}

// search is a target of errors.Is that finds the first Error with a property, also behind errors.Join.
type search struct {
	has   func(*Error) bool
	found Error
}

// Error makes a search usable as a target of errors.Is.
func (s *search) Error() string { return "an error with a property" }

func (s *search) test(e *Error) bool {
	if !s.has(e) {
		return false
	}
	s.found = *e
	return true
}

// KindOf returns the kind of the first Error in err's chain, Fatal when there is none, "" for nil.
func KindOf(err error) ErrorKind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Fatal
}

// CodeOf returns the code of the first Error in err's chain that has one, or "".
func CodeOf(err error) string {
	coded := &search{has: func(e *Error) bool { return e.Code != "" }}
	errors.Is(err, coded)
	return coded.found.Code
}

// OutcomeUnknown reports whether any Error in err's chain says that a write may have happened although it failed.
func OutcomeUnknown(err error) bool {
	return errors.Is(err, &search{has: func(e *Error) bool { return e.OutcomeUnknown }})
}

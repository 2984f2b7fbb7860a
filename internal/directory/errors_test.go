package directory_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func kinds() []directory.ErrorKind {
	return []directory.ErrorKind{
		directory.Transient, directory.Throttled, directory.Conflict, directory.Invalid, directory.Unauthorised, directory.Forbidden,
		directory.NotFound, directory.Unsupported, directory.Incompatible, directory.LimitExceeded, directory.Fatal,
	}
}

func TestKindsAreRecognisedThroughWrappers(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		cause := directory.Errorf(kind, "find ada: %w", io.ErrUnexpectedEOF)
		wrappers := map[string]error{
			"bare":          cause,
			"wrapped":       fmt.Errorf("cycle 7: %w", cause),
			"wrapped twice": fmt.Errorf("job: %w", fmt.Errorf("cycle 7: %w", cause)),
			"joined":        errors.Join(io.EOF, fmt.Errorf("page 2: %w", cause)),
		}
		for name, err := range wrappers {
			if !errors.Is(err, kind) || directory.KindOf(err) != kind || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s %s: kind %q, is %v, cause kept %v", kind, name, directory.KindOf(err), errors.Is(err, kind), errors.Is(err, io.ErrUnexpectedEOF))
			}
			for _, other := range kinds() {
				if other != kind && errors.Is(err, other) {
					t.Errorf("%s %s is also %s", kind, name, other)
				}
			}
		}
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	conflict := directory.Errorf(directory.Conflict, "create ada: taken")
	tests := []struct {
		name string
		err  error
		want directory.ErrorKind
	}{
		{"nil", nil, ""},
		{"unknown", io.EOF, directory.Fatal},
		{"cancelled", context.Canceled, directory.Fatal},
		{"the outermost counts", directory.Errorf(directory.Invalid, "commit: %w", conflict), directory.Invalid},
		{"the first of several counts", errors.Join(io.EOF, conflict, directory.Errorf(directory.Invalid, "x")), directory.Conflict},
	}
	for _, test := range tests {
		if got := directory.KindOf(test.err); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestErrorfHonoursEveryCause(t *testing.T) {
	t.Parallel()
	mark := errors.New("a mapping failed")
	inner := &directory.Error{Kind: directory.Transient, Code: "Timeout", Message: "no answer"}
	err := directory.Errorf(directory.Invalid, "%w: attribute %s: %w", mark, "userName", inner)
	if got, want := err.Error(), "a mapping failed: attribute userName: no answer"; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	if !errors.Is(err, mark) || !errors.Is(err, inner) || directory.CodeOf(err) != "Timeout" || directory.KindOf(err) != directory.Invalid {
		t.Errorf("causes are lost: mark %v, inner %v, code %q, kind %q", errors.Is(err, mark), errors.Is(err, inner), directory.CodeOf(err), directory.KindOf(err))
	}
	if plain := directory.Errorf(directory.Invalid, "plain"); plain.Unwrap() != nil {
		t.Errorf("an error without cause unwraps to %v", plain.Unwrap())
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	coded := func(code string, cause error) error {
		return &directory.Error{Kind: directory.Invalid, Code: code, Message: "m", Err: cause}
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"nil", nil, ""},
		{"unknown", io.EOF, ""},
		{"own", coded("A", nil), "A"},
		{"wrapped", fmt.Errorf("x: %w", coded("A", nil)), "A"},
		{"outermost first", coded("A", coded("B", nil)), "A"},
		{"the first that has one", coded("", fmt.Errorf("x: %w", coded("B", nil))), "B"},
		{"behind a sibling without one", errors.Join(coded("", nil), io.EOF, coded("C", nil)), "C"},
		{"nobody has one", errors.Join(coded("", io.EOF), io.EOF), ""},
	}
	for _, test := range tests {
		if got := directory.CodeOf(test.err); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	lost := &directory.Error{Kind: directory.Transient, OutcomeUnknown: true, Message: "answer lost"}
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"nil", nil, false},
		{"unknown error", io.EOF, false},
		{"known", directory.Errorf(directory.Transient, "refused"), false},
		{"lost", lost, true},
		{"wrapped by an error that does not know", directory.Errorf(directory.Transient, "create ada: %w", lost), true},
		{"joined", errors.Join(directory.Errorf(directory.Invalid, "x"), lost), true},
	}
	for _, test := range tests {
		if got := directory.OutcomeUnknown(test.err); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}

func TestErrorMessages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want string
	}{
		{&directory.Error{Kind: directory.NotFound, Message: "no account", Err: io.EOF}, "no account"},
		{&directory.Error{Kind: directory.NotFound, Err: io.EOF}, "EOF"},
		{&directory.Error{Kind: directory.NotFound}, "not_found"},
		{directory.NotFound, "not_found"},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, test.err.Error()); diff != "" {
			t.Error(diff)
		}
	}
}

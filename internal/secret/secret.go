// Package secret holds the type for credentials and the sealing of credentials at rest.
//
// It is not a vault: where sealed secrets are kept is the business of package store.
package secret

import "log/slog"

// Mask is what every formatter prints in place of a secret.
const Mask = "***"

// Text is a secret text. Every formatter, JSON and slog print it as ***; only Reveal gives the value. The value is behind
// a pointer because fmt cannot call methods of a field that is not exported, and would print a string there.
type Text struct{ value *string }

// New wraps a secret.
func New(value string) Text { return Text{value: &value} }

// Reveal returns the secret itself. Call it only where it is sent or sealed.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// IsZero reports whether there is no secret.
func (t Text) IsZero() bool { return t.Reveal() == "" }

// String masks the secret.
func (t Text) String() string { return Mask }

// GoString masks the secret in %#v.
func (t Text) GoString() string { return Mask }

// MarshalText masks the secret in JSON and every other text encoding.
func (t Text) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// LogValue masks the secret in slog.
func (t Text) LogValue() slog.Value { return slog.StringValue(Mask) }

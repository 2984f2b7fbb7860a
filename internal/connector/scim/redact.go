package scim

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// maxPassing is how many tokens and assertions a mask remembers: an answer may still name the one before the present one.
const maxPassing = 8

// mask removes secrets from text that somebody else wrote: a server may echo what it was sent. It is safe for concurrent use.
type mask struct {
	mu sync.Mutex
	// lasting are the secrets of the connection, passing those that come and go.
	lasting, passing []string
	replacer         atomic.Pointer[strings.Replacer]
}

// hide adds secrets of the connection.
func (m *mask) hide(secrets ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, value := range secrets {
		m.lasting = append(m.lasting, forms(value)...)
	}
	m.rebuild()
}

// hidePassing adds a secret that is replaced by others in time.
func (m *mask) hidePassing(value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.passing = append(m.passing, value); len(m.passing) > maxPassing {
		m.passing = m.passing[1:]
	}
	m.rebuild()
}

func (m *mask) rebuild() {
	hidden := slices.Clone(m.lasting)
	for _, value := range m.passing {
		hidden = append(hidden, forms(value)...)
	}
	// The longest first: one secret may begin another.
	slices.SortFunc(hidden, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var pairs []string
	for _, value := range slices.Compact(hidden) {
		pairs = append(pairs, value, secret.Mask)
	}
	m.replacer.Store(strings.NewReplacer(pairs...))
}

// redact returns the text without any of the secrets.
func (m *mask) redact(text string) string {
	if replacer := m.replacer.Load(); replacer != nil {
		return replacer.Replace(text)
	}
	return text
}

// forms are the ways a secret may be written in an answer; none for the empty text.
func forms(value string) []string {
	if value == "" {
		return nil
	}
	written := []string{value, url.QueryEscape(value), url.PathEscape(value), strings.Join(strings.Fields(value), " ")}
	if quoted, err := json.Marshal(value); err == nil {
		written = append(written, strings.Trim(string(quoted), `"`))
	}
	return slices.DeleteFunc(written, func(form string) bool { return form == "" })
}

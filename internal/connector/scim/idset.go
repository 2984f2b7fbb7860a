package scim

import "crypto/sha256"

// idDigest stands for a text of any length, so that a million ids take as little room as short ones.
type idDigest [16]byte

func digestOf(text string) idDigest {
	sum := sha256.Sum256([]byte(text))
	return idDigest(sum[:16])
}

// idSet remembers what was seen.
type idSet map[idDigest]struct{}

// add reports whether an id is new.
func (s idSet) add(id idDigest) bool {
	if _, known := s[id]; known {
		return false
	}
	s[id] = struct{}{}
	return true
}

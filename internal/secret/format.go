package secret

import (
	"fmt"
	"io"
)

// Format masks the secret for every verb: those that do not suit a text (%d) would print it otherwise.
func (t Text) Format(state fmt.State, _ rune) {
	// A fmt.State does not fail to write.
	_, _ = io.WriteString(state, Mask)
}

package expression

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var errNoRandom = errors.New("there is no source of randomness here: random functions only work where the engine provisions, not in a check without one")

// newGUID is the function Guid: a random identifier of RFC 9562, version 4.
func newGUID(a arguments) (directory.Value, error) {
	if a.Random == nil {
		return directory.Null(), errNoRandom
	}
	var id [16]byte
	if _, err := io.ReadFull(a.Random, id[:]); err != nil {
		return directory.Null(), fmt.Errorf("reading random bytes: %w", err)
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	digits := hex.EncodeToString(id[:])
	return directory.Text(digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]), nil
}

// The characters of RandomString. Special ones are those of the Windows rule for complex passwords.
const (
	digitCharacters   = "0123456789"
	specialCharacters = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
	capitalCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smallCharacters   = "abcdefghijklmnopqrstuvwxyz"
)

// longestRandomString is the documented maximum of RandomString (expressions.md 4.6).
const longestRandomString = 256

// randomString draws the minimum of each class, fills up from all allowed ones and shuffles. Without a minimum of
// special characters there are none (expressions.md 4.6).
func randomString(a arguments) (directory.Value, error) {
	var counts [5]int64
	for i := range counts {
		var err error
		if counts[i], err = a.integer(i); err != nil {
			return directory.Null(), err
		}
		if counts[i] < 0 || counts[i] > longestRandomString {
			return directory.Null(), a.about(i, fmt.Errorf("is not between 0 and %d", longestRandomString))
		}
	}
	length := counts[0]
	if sum := counts[1] + counts[2] + counts[3] + counts[4]; length < 1 || length < sum {
		return directory.Null(), fmt.Errorf("length is %d, but it must be at least 1 and at least the sum of the minimums, %d", length, sum)
	}
	avoided, err := a.text(5)
	if err != nil {
		return directory.Null(), err
	}
	if a.Random == nil {
		return directory.Null(), errNoRandom
	}
	draw := dice{source: a.Random}
	var drawn []byte
	var surplus string
	for i, class := range []string{digitCharacters, specialCharacters, capitalCharacters, smallCharacters} {
		minimum := counts[i+1]
		allowed := strings.Map(func(r rune) rune {
			if strings.ContainsRune(avoided, r) {
				return -1
			}
			return r
		}, class)
		if minimum > 0 && allowed == "" {
			return directory.Null(), a.about(i+1, errors.New("cannot be met: charactersToAvoid leaves none of them"))
		}
		if class != specialCharacters || minimum > 0 {
			surplus += allowed
		}
		for range minimum {
			drawn = append(drawn, draw.character(allowed))
		}
	}
	if int64(len(drawn)) < length && surplus == "" {
		return directory.Null(), errors.New("charactersToAvoid leaves no character")
	}
	for int64(len(drawn)) < length {
		drawn = append(drawn, draw.character(surplus))
	}
	for i := len(drawn) - 1; i > 0; i-- {
		j := draw.roll(i + 1)
		drawn[i], drawn[j] = drawn[j], drawn[i]
	}
	if draw.err != nil {
		return directory.Null(), draw.err
	}
	return directory.Text(string(drawn)), nil
}

// dice draws without bias: a byte that would favour the low numbers is thrown away. After an error it yields zeros.
type dice struct {
	source io.Reader
	buffer [64]byte
	unread []byte
	err    error
}

// unluckyRolls in a row do not happen with a sound source: each fails with a chance below one half.
const unluckyRolls = 1000

// roll returns a number from 0 to n-1; n is at most 256.
func (d *dice) roll(n int) int {
	fair := 256 - 256%n
	for range unluckyRolls {
		if d.err != nil {
			return 0
		}
		if len(d.unread) == 0 {
			if _, err := io.ReadFull(d.source, d.buffer[:]); err != nil {
				d.err = fmt.Errorf("reading random bytes: %w", err)
				return 0
			}
			d.unread = d.buffer[:]
		}
		b := int(d.unread[0])
		d.unread = d.unread[1:]
		if b < fair {
			return b % n
		}
	}
	d.err = errors.New("the source of randomness yields the same bytes again and again")
	return 0
}

func (d *dice) character(class string) byte { return class[d.roll(len(class))] }

func defaultDomain(a arguments) (directory.Value, error) {
	if a.DefaultDomain == "" {
		return directory.Null(), errors.New("the source has no default domain: set its `default_domain`")
	}
	return directory.Text(a.DefaultDomain), nil
}

// evaluateSelectUnique asks for one candidate after the other, so that later ones are only evaluated when they are
// needed (expressions.md 1.3, 4.6).
func evaluateSelectUnique(v evaluator, c *call) (Result, error) {
	asked := 0
	for i, p := range c.places {
		result, err := v.evaluate(p.node)
		if err != nil || result.Outcome != Produced {
			return result, err
		}
		if result.Value.IsEmpty() {
			continue
		}
		if _, err := textOf(result.Value); err != nil {
			return Result{}, v.fail(c.function.Name, c.offset, fmt.Errorf("candidate %d %w", i+1, err))
		}
		if v.Taken == nil {
			return result, nil
		}
		taken, err := v.Taken(result.Value)
		if err != nil {
			return Result{}, v.fail(c.function.Name, c.offset, fmt.Errorf("asking the target about candidate %d: %w", i+1, err))
		}
		if !taken {
			return result, nil
		}
		asked++
	}
	return Result{}, v.fail(c.function.Name, c.offset, fmt.Errorf("%w: of %d candidates, %d are used in the target and %d are empty; add candidates",
		ErrNoFreeCandidate, len(c.places), asked, len(c.places)-asked))
}

// checkOutermost reports the first call of SelectUniqueValue inside another part (expressions.md 4.6).
func checkOutermost(source string, root node) error {
	var nested *call
	walk(root, func(n node) {
		if c, ok := n.(*call); ok && n != root && nested == nil && c.function.Name == functionSelectUniqueValue {
			nested = c
		}
	})
	if nested == nil {
		return nil
	}
	return syntaxErrorAt(source, nested.offset, "make it the outermost function and move the others into its candidates",
		"%s cannot stand inside another function", functionSelectUniqueValue)
}

package expression

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// dnComponent returns the value of the n-th relative name from the left; of a relative name with several values it is
// the first (expressions.md 8).
func dnComponent(a arguments) (directory.Value, error) {
	dn, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	number, err := a.integer(1)
	if err != nil {
		return directory.Null(), err
	}
	var parts []string
	if strings.TrimSpace(dn) != "" {
		parts = cutUnescaped(dn, ",;")
	}
	if number < 1 || number > int64(len(parts)) {
		return directory.Null(), fmt.Errorf("number is %d, but dn has %d parts counted from 1", number, len(parts))
	}
	first := cutUnescaped(parts[number-1], "+")[0]
	_, value, found := strings.Cut(first, "=")
	if !found {
		return directory.Null(), fmt.Errorf("part %d of dn is not of the form type=value", number)
	}
	text, ok := unescapeDN(value)
	if !ok {
		return directory.Null(), fmt.Errorf("the value of part %d of dn is not written as RFC 4514 wants it", number)
	}
	return directory.Text(text), nil
}

// cutUnescaped cuts at separators that are neither escaped nor inside quotation marks (RFC 4514, and the older quotes
// of RFC 1779).
func cutUnescaped(text, separators string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(separators, c) >= 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// unescapeDN resolves the escapes of an attribute value. Blanks around it do not belong to it unless they are escaped.
func unescapeDN(value string) (text string, ok bool) {
	value = strings.TrimLeft(value, " ")
	quoted := len(value) > 1 && value[0] == '"'
	if quoted {
		value = strings.TrimRight(value, " ")
		if value[len(value)-1] != '"' {
			return "", false
		}
		value = value[1 : len(value)-1]
	}
	var b strings.Builder
	// kept is the length up to which blanks at the end stay.
	kept := 0
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' {
			b.WriteByte(value[i])
			continue
		}
		if i++; i == len(value) {
			return "", false
		}
		if octet, err := hex.DecodeString(value[i:min(i+2, len(value))]); err == nil {
			b.Write(octet)
			i++
		} else {
			b.WriteByte(value[i])
		}
		kept = b.Len()
	}
	text = b.String()
	if !quoted {
		text = text[:kept] + strings.TrimRight(text[kept:], " ")
	}
	return text, utf8.ValidString(text)
}

var errNotSID = errors.New("bytes is not a security identifier: it must be the binary form, as base64 text")

// sidText is the function StringFromSid. A binary attribute reaches an expression as base64.
func sidText(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	const fixed, most = 8, 15
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(data) < fixed || data[0] != 1 || data[1] > most || len(data) != fixed+4*int(data[1]) {
		return directory.Null(), errNotSID
	}
	var b strings.Builder
	b.WriteString("S-1-")
	// The authority has 48 bits; from 32 on it is written in hexadecimal (MS-DTYP 2.4.2.1).
	if authority := binary.BigEndian.Uint64(append([]byte{0, 0}, data[2:fixed]...)); authority >= 1<<32 {
		fmt.Fprintf(&b, "0x%012X", authority)
	} else {
		b.WriteString(strconv.FormatUint(authority, 10))
	}
	for rest := data[fixed:]; len(rest) > 0; rest = rest[4:] {
		b.WriteString("-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(rest)), 10))
	}
	return directory.Text(b.String()), nil
}

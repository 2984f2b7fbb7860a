package expression

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

const (
	encodingUnicode = "Unicode"
	encodingASCII   = "ASCII"
	encodingUTF8    = "UTF8"
)

// convertToBase64 encodes the UTF-16 little-endian bytes (expressions.md 4.1).
func convertToBase64(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	var data []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return directory.Text(base64.StdEncoding.EncodeToString(data)), nil
}

func convertFromBase64(a arguments) (directory.Value, error) {
	texts, err := a.texts(2)
	if err != nil {
		return directory.Null(), err
	}
	// .NET ignores these characters wherever they stand.
	data, err := base64.StdEncoding.DecodeString(strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(texts[0]))
	if err != nil {
		return directory.Null(), errors.New("source is not base64")
	}
	switch encoding := texts[1]; {
	case encoding == "" || strings.EqualFold(encoding, encodingUnicode):
		if len(data)%2 != 0 {
			return directory.Null(), errors.New("source is not UTF-16: it has an odd number of bytes")
		}
		units := make([]uint16, len(data)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(data[2*i:])
		}
		return directory.Text(string(utf16.Decode(units))), nil
	case strings.EqualFold(encoding, encodingUTF8):
		if !utf8.Valid(data) {
			return directory.Null(), errors.New("source is not UTF-8")
		}
		return directory.Text(string(data)), nil
	case strings.EqualFold(encoding, encodingASCII):
		for i, b := range data {
			// .NET shows bytes outside ASCII as question marks.
			if b >= utf8.RuneSelf {
				data[i] = '?'
			}
		}
		return directory.Text(string(data)), nil
	default:
		return directory.Null(), errors.New("encoding is none of Unicode, ASCII, UTF8")
	}
}

func convertToUTF8Hex(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	return directory.Text(strings.ToUpper(hex.EncodeToString([]byte(text)))), nil
}
